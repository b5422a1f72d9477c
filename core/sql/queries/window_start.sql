-- Makes a window that holds from now on: its name (operators, administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own) · $2 text: behaviour · $3 text: pattern of event types · $4 text: of sources
-- $5 text[]: severities · $6 bigint: how long, in microseconds · $7 text: reason
SELECT nightbell.start_window(nightbell.tenant_to_operate($1::text), $2::text, $3::text, $4::text, $5::text[],
                              $6::bigint * interval '1 microsecond', $7::text) AS window_id
