-- One system event. Does not ring: queries/ring.sql does, in the next transaction.
-- $1 text: type · $2 severity · $3 description · $4 details, JSON · $5 uuid: tenant · $6 uuid: user · $7 fingerprint · $8 source
-- $9 timestamptz: when the source's episode began
SELECT nightbell.raise_event($1::text, $2::text, $3::text, $4::text::jsonb, $5::uuid, $6::uuid, $7::text, $8::text, $9::timestamptz)::text AS id
FROM (SELECT set_config('nightbell.ring', CASE WHEN current_setting('nightbell.ring', true) = 'deferred' THEN 'deferred' ELSE 'after' END, true)
      OFFSET 0) AS quiet
