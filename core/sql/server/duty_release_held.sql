-- A duty: lets go deliveries whose waiting is over.
-- Columns: how many bigint; in how many milliseconds the next is due bigint (NULL: none)
SELECT r.released, greatest(ceil(extract(epoch FROM nightbell.release_due() - nightbell.clock()) * 1000), 0)::bigint
FROM nightbell.release_held(1000) AS r (released)
