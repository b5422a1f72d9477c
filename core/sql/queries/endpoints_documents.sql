-- The endpoints of a tenant's people as documents, by UUID.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: an endpoint's UUID (NULL: all)
-- Columns: key, document (JSON) text
SELECT e.key, e.document
FROM nightbell.endpoint_documents(nightbell.tenant_to_configure($1::text), $2::text) AS e
