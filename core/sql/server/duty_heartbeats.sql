-- A duty: heartbeats that are late or down.
-- Columns: 0 bigint; in how many milliseconds the next is due bigint (NULL: none). At least 50: what another session
-- keeps locked stays due.
SELECT 0::bigint, nightbell.milliseconds_until(d.next_due, 50)
FROM nightbell.heartbeats_due(1000) AS d (next_due)
