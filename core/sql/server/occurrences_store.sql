-- Stores occurrences, or why they could not be worked out; false: they are to be worked out again (workers, administrators).
-- $1 text: window or heartbeat · $2 uuid: tenant · $3 text: key · $4 bigint: revision · $5 text[]: local times · $6 text: up to when
-- $7 text: the problem
SELECT nightbell.store_occurrences($1::text, $2::uuid, $3::text, $4::bigint::int, $5::text[]::timestamp[], $6::text::timestamp, $7::text) AS stored
