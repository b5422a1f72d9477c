-- Makes the transaction the token's: all of it ends with the transaction.
-- $1 text: the token · $2 text: on, when it only reads · $3 text: how long a statement may take, $4 text: may wait for a lock
SELECT set_config('nightbell.token', $1, true), set_config('transaction_read_only', $2, true),
       set_config('statement_timeout', $3, true), set_config('lock_timeout', $4, true)
