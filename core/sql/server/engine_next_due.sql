-- In how many milliseconds the next app event is due, by the engine's clock.
-- Columns: bigint (NULL: none)
SELECT greatest(ceil(extract(epoch FROM nightbell.engine_next_due() - nightbell.clock()) * 1000), 0)::bigint
