-- In how many milliseconds the next group of held deliveries is due: one that another worker is taking is not looked at at once.
-- Columns: milliseconds bigint (NULL: none waits)
SELECT nightbell.milliseconds_until(nightbell.digest_next(), 1000)
