-- LISTENs to many keys, or UNLISTENs.
-- $1 text[]: the keys · $2 boolean: listen, or else not any more
SELECT nightbell.hub_listen($1::text[], $2::boolean)
