-- A duty: lets go deliveries whose waiting is over.
-- Columns: how many bigint; in how many milliseconds the next is due bigint (NULL: none)
SELECT r.released, nightbell.milliseconds_until(nightbell.release_due(), 0)
FROM nightbell.release_held(1000) AS r (released)
