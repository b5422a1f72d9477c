-- Deletes an endpoint (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: an endpoint's UUID
-- Columns: deleted boolean
SELECT nightbell.delete_endpoint(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
