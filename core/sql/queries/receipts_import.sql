-- Imports receipts of deliveries; an outcome for every item.
-- $1 text[]: receipts, JSON objects
-- Columns: ordinal int, key, change (taken, history, copy or unknown), sqlstate, message, hint text
SELECT i.ordinal, i.key, i.change, i.sqlstate, i.message, i.hint FROM nightbell.import_receipts($1::text[]) AS i ORDER BY i.ordinal
