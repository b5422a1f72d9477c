-- Deletes a rule (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: its id
-- Columns: deleted boolean
SELECT nightbell.delete_rule(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
