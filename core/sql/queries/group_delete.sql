-- Deletes a group (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: a group's name
-- Columns: deleted boolean
SELECT nightbell.delete_group(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
