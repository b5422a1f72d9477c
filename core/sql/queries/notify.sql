-- One notification, or an announcement when the user is NULL. Does not ring: queries/ring.sql does, in the next
-- transaction.
SELECT nightbell.notify($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::text::jsonb, $7::text, $8::uuid,
                        $9::text[], $10::text, $11::timestamptz, $12::text)::text AS id
FROM (SELECT set_config('nightbell.ring', CASE WHEN current_setting('nightbell.ring', true) = 'deferred' THEN 'deferred' ELSE 'after' END, true)
      OFFSET 0) AS quiet
