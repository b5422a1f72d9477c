-- LISTENs to many keys, or UNLISTENs.
-- $1 text[]: the keys · $2 boolean: true: LISTEN, false: UNLISTEN
SELECT nightbell.hub_listen($1::text[], $2::boolean)
