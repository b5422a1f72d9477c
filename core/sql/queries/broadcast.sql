-- A notification for each of many recipients. Does not ring: queries/ring.sql does, in the next transaction.
-- $1 uuid: tenant · $2 recipient type · $3 recipient value · $4 type · $5 title · $6 message · $7 data, JSON · $8 link
-- $9 uuid: actor · $10 urgency · $11 timestamptz: expires at
SELECT nightbell.broadcast($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text::jsonb, $8::text, $9::uuid,
                           $10::text, $11::timestamptz)::text AS made
FROM (SELECT set_config('nightbell.ring', CASE WHEN current_setting('nightbell.ring', true) = 'deferred' THEN 'deferred' ELSE 'after' END, true)
      OFFSET 0) AS quiet
