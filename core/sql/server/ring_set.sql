-- Sets how bells ring in this database, for sessions that begin later, and notifies the hubs.
-- $1 text: commit or deferred
SELECT nightbell.set_ring($1::text)
