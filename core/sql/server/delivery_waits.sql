-- When something of these channels is due again, by the engine's clock.
-- $1 text[]: channels
-- Columns: in how many milliseconds bigint (NULL: nothing is)
SELECT nightbell.milliseconds_until(nightbell.delivery_waits($1::text[]), 1)
