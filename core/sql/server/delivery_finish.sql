-- Records what became of deliveries: see delivery_finish().
-- $1 uuid: the worker; $2 uuid[], $3 uuid[], $4 uuid[], $5 int[], $6 text[]: tenants, users, ids, numbers of the try, how each ended; $7 text[],
-- $8 text[]: channels and their schedules; $9 to $22: columns of the tries; a nil target is the
-- person's own address
-- Columns: how many were moved bigint
SELECT nightbell.delivery_finish($1::uuid, $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[], $9::int[],
    $10::text[], $11::int[], $12::int[], $13::text[], $14::text[], $15::bigint[], $16::int[], $17::int[], array_replace($18::uuid[], '00000000-0000-0000-0000-000000000000', NULL), $19::text[], $20::text[],
    $21::text[], $22::text[])
