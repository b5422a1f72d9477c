-- Deletes a template (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: its code
-- Columns: deleted boolean
SELECT nightbell.delete_template(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
