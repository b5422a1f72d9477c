-- Rings for what the session has written, in a transaction of its own that nobody waits for the disk for.
SELECT nightbell.ring() AS rung FROM set_config('synchronous_commit', 'off', true)
