-- A worker's sign of life.
-- $1 uuid: which; $2 bigint: how many app events it has processed; $3 bigint: how many have failed; $4 boolean: it ends
SELECT nightbell.worker_beat($1::uuid, $2::bigint, $3::bigint, $4::boolean)
