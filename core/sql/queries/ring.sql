-- Sends the rings that the session has noted, in its own transaction, whose commit does not wait for the disk.
SELECT nightbell.ring() AS rung FROM set_config('synchronous_commit', 'off', true)
