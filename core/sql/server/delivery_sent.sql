-- Records deliveries that were sent at their only try: see delivery_sent().
-- $1 uuid: the worker; $2 uuid[], $3 uuid[], $4 uuid[], $5 int[], $6 int[], $7 int[], $8 int[]: tenants, users, ids, numbers of the try, how many retries
-- their channel has, codes, milliseconds; $9 text[]: what the provider calls them; $10 uuid[]: targets, nil for the person's own address; $11 text[],
-- $12 text[], $13 text[], $14 text[]: channels, endpoints, providers, addresses
-- Columns: the position, from 1, of one that is this worker's no longer int
SELECT unnest(nightbell.delivery_sent($1::uuid, $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::int[], $7::int[], $8::int[], $9::text[],
    array_replace($10::uuid[], '00000000-0000-0000-0000-000000000000', NULL), $11::text[], $12::text[], $13::text[], $14::text[]))
