-- A source says that it is over: the outcome, and behind a blank the event where there is one. Does not ring:
-- queries/ring.sql does, in the next transaction.
-- $1 text: source · $2 fingerprint · $3 timestamptz: when the episode began; NULL: whatever is open · $4 note · $5 uuid: tenant
SELECT concat_ws(' ', s.outcome, s.id) AS outcome
FROM (SELECT set_config('nightbell.ring', CASE WHEN current_setting('nightbell.ring', true) = 'deferred' THEN 'deferred' ELSE 'after' END, true)
      OFFSET 0) AS quiet
CROSS JOIN LATERAL nightbell.settle_event($1::text, $2::text, $3::timestamptz, $4::text, $5::uuid) AS s
