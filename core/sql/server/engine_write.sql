-- Writes what was planned and rendered: see engine_write().
-- $1 uuid[], $2 bigint[]: the claimed app events; $3 to $11: columns of the plan, $11 the row's text; $12 to $18: the texts
-- Columns: how many rows
SELECT nightbell.engine_write($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[],
    $9::timestamptz[], $10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
    $17::text[], $18::text[])
