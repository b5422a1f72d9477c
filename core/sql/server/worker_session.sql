-- Makes a session a worker's: it LISTENs to the doorbell of the outbox, and what it has locked is free again soon when it
-- hangs.
SELECT set_config('idle_in_transaction_session_timeout', '60s', false), set_config('jit', 'off', false),
    nightbell.hub_listen(ARRAY[nightbell.worker_channel()], true)
