-- How bells ring in this database from now on; sessions that begin later have it. Tells the hubs.
-- $1 text: commit or deferred
SELECT nightbell.set_ring($1::text)
