-- In how many milliseconds the next group of held deliveries is due; at least 1000, as another worker may be taking one that is due.
-- Columns: milliseconds bigint (NULL: none waits)
SELECT nightbell.milliseconds_until(nightbell.digest_next(), 1000)
