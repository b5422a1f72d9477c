-- The notification types as documents, by name.
-- $1 text: one type (NULL: all)
-- Columns: key, document (JSON) text
SELECT t.type::text AS key, nightbell.type_document(t)::text AS document
FROM nightbell.notification_types AS t
WHERE $1::text IS NULL OR t.type = $1::text
ORDER BY t.type COLLATE "C"
