-- The tenant that an administrator means.
-- $1 text: its name or UUID (NULL: one's own)
-- Columns: tenant uuid
SELECT nightbell.tenant_to_configure($1::text) AS tenant
