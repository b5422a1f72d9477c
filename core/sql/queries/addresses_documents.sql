-- The addresses to which nothing is sent of a tenant as documents, by address.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: an address (NULL: all)
-- Columns: key, document (JSON) text
SELECT d.key, d.document
FROM nightbell.address_documents(nightbell.tenant_to_configure($1::text), $2::text) AS d
