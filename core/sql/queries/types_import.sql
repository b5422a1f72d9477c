-- Imports notification types from JSON documents; an outcome for every item (administrators).
-- $1 text[]: the documents
-- Columns: ordinal int, type, change (added, changed or same), sqlstate, message, hint text
SELECT i.ordinal, i.type, i.change, i.sqlstate, i.message, i.hint
FROM nightbell.import_types($1::text[]) AS i
ORDER BY i.ordinal
