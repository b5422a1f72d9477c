-- Imports endpoints of a tenant's people from JSON documents; an outcome for every item (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text[]: the documents
-- Columns: ordinal int, key, change (added, changed or same), sqlstate, message, hint text
SELECT i.ordinal, i.key, i.change, i.sqlstate, i.message, i.hint
FROM nightbell.import_endpoints(nightbell.tenant_to_configure($1::text), $2::text[]) AS i
ORDER BY i.ordinal
