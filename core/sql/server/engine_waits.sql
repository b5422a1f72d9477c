-- What a worker that could claim nothing waits for, by the engine's clock.
-- Columns: in how many milliseconds the next app event is due bigint (NULL: none); whether others work on some boolean
SELECT nightbell.milliseconds_until(w.due, 0), w.held
FROM nightbell.engine_waits() AS w
