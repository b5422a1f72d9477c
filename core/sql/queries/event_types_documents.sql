-- A tenant's documents of this kind, by key.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: one of them (NULL: all)
-- Columns: key, document (JSON) text
SELECT d.key, d.document
FROM nightbell.event_type_documents(nightbell.tenant_to_configure($1::text), $2::text) AS d
