-- How long each next statement of the transaction may take.
-- $1 int: milliseconds
SELECT set_config('statement_timeout', $1::int::text, true)
