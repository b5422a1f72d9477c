-- The devices of a tenant as documents, by UUID.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: a device's UUID (NULL: all)
-- Columns: key, document (JSON) text
SELECT d.key, d.document
FROM nightbell.device_documents(nightbell.tenant_to_configure($1::text), $2::text) AS d
