-- Gives an endpoint a new secret; the former one holds beside it for a time.
-- $1 text: the tenant (NULL: one's own); $2 text: the person (NULL: oneself); $3 text: the endpoint's UUID; $4 float8: for how many milliseconds
-- Columns: version int, former_until timestamptz
SELECT r.version, r.former_until FROM nightbell.rotate_endpoint($1::text, $2::text, $3::text, $4::float8 * interval '1 millisecond') AS r
