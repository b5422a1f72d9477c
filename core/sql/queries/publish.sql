-- Publishes an app event. Does not ring the worker: queries/ring.sql does, in the next transaction.
-- $1 uuid: tenant · $2 event type · $3 module · $4 jsonb: context · $5 idempotency key · $6 timestamptz: when it happened
SELECT nightbell.publish($1::uuid, $2::text, $3::text, $4::jsonb, $5::text, $6::timestamptz)::text AS id
FROM (SELECT set_config('nightbell.ring', CASE WHEN current_setting('nightbell.ring', true) = 'deferred' THEN 'deferred' ELSE 'after' END, true)
      OFFSET 0) AS quiet
