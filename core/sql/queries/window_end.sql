-- Ends a window now; false: there is none, or it is over (operators, administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own) · $2 text: its name
SELECT nightbell.end_window(nightbell.tenant_to_operate($1::text), $2::text) AS ended
