-- A source reports: what came of it.
-- $1 text: the heartbeat · $2 uuid: tenant (NULL: one's own) · $3 text: instance · $4 text: start, ok or fail · $5 bigint: exit status
-- $6 text: run id · $7 text: output
SELECT h.state, h.verdict, h.received_at, h.expected_at, h.told
FROM nightbell.heartbeat($1::text, $2::uuid, $3::text, $4::text, $5::int, $6::text, $7::text) AS h
