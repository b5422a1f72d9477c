-- Begins a session in one round trip: sets the token, verifies it, reads the schema's version, and sets planner
-- options:
--   plan_cache_mode   a prepared page is planned once; PostgreSQL would plan it again for each key (1.4 ms over 13
--                     partitions) and find the same plan
--   jit               off: compiling a query takes longer than running one of ours
--   random_page_cost  the indexes are in memory
-- The session belongs to us alone if the server's process is the one named at connect. A pooler invents its own number
-- for each client; then nothing here outlasts the statement, since the session's next transaction may be another
-- client's.
-- $1 text: the token, '' for identity by the PostgreSQL login · $2 int: the server process named at connect
-- Columns: owned boolean, schema_version int, token, plan_cache_mode, jit, random_page_cost text, remembered boolean
SELECT pg_backend_pid() = $2::int AS owned,
       nightbell.schema_version() AS schema_version,
       set_config('nightbell.token', $1, pg_backend_pid() <> $2::int) AS token,
       set_config('plan_cache_mode', 'force_generic_plan', pg_backend_pid() <> $2::int) AS plan_cache_mode,
       set_config('jit', 'off', pg_backend_pid() <> $2::int) AS jit,
       set_config('random_page_cost', '1.1', pg_backend_pid() <> $2::int) AS random_page_cost,
       nightbell.remember_token($1) AS remembered
