-- Makes the transaction the token's: all of it ends with the transaction. Where nothing can be written (a standby), asking for a transaction
-- that writes is an error, by which the session would prepare all its statements anew: only what writes fails there.
-- $1 text: the token · $2 text: on, when it only reads · $3 text: how long a statement may take, $4 text: may wait for a lock
SELECT set_config('nightbell.token', $1, true), CASE WHEN $2 = 'on' THEN set_config('transaction_read_only', $2, true) END,
       set_config('statement_timeout', $3, true), set_config('lock_timeout', $4, true)
