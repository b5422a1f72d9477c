-- Has an address sent to again (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: an address
-- Columns: deleted boolean
SELECT nightbell.delete_address(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
