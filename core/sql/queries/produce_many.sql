-- A batch of one kind: returns an outcome for every item. Does not ring: queries/ring.sql does, in the next
-- transaction.
-- $1 text: notify, announce, raise, settle or publish · $2 text[]: JSON objects
SELECT p.ordinal, p.id, p.sqlstate, p.message, pg_current_xact_id()::text AS transaction
FROM (SELECT set_config('nightbell.ring', CASE WHEN current_setting('nightbell.ring', true) = 'deferred' THEN 'deferred' ELSE 'after' END, true)
      OFFSET 0) AS quiet
CROSS JOIN LATERAL nightbell.produce_many($1::text, $2::text[]::jsonb[]) AS p
ORDER BY p.ordinal
