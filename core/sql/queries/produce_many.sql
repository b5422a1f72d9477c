-- A batch of one kind: an outcome for every item.
-- $1 text: notify, announce or raise · $2 text[]: JSON objects
SELECT p.ordinal, p.id, p.sqlstate, p.message, pg_current_xact_id()::text AS transaction
FROM nightbell.produce_many($1::text, $2::text[]::jsonb[]) AS p
ORDER BY p.ordinal
