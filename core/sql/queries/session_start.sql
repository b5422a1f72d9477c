-- Begins a session: sets the token, has it verified, and asks for the schema's version, in one round trip. Prepared pages are planned once:
-- PostgreSQL would plan them anew for each key (1.4 ms over 13 partitions), only to find the same plan. Compiling a query
-- takes longer than running one of ours, and the indexes are in memory.
-- The session is ours alone when the server's process is the one that it named when we connected. A proxy that pools sessions gives
-- each client a number of its own; then nothing of this outlives the statement: the next transaction may be somebody else's.
-- $1 text: the token, '' for identity by the PostgreSQL login · $2 int: the process that was named at the connect
-- Columns: owned boolean, schema_version int, token, plan_cache_mode, jit, random_page_cost text, remembered boolean
SELECT pg_backend_pid() = $2::int AS owned,
       nightbell.schema_version() AS schema_version,
       set_config('nightbell.token', $1, pg_backend_pid() <> $2::int) AS token,
       set_config('plan_cache_mode', 'force_generic_plan', pg_backend_pid() <> $2::int) AS plan_cache_mode,
       set_config('jit', 'off', pg_backend_pid() <> $2::int) AS jit,
       set_config('random_page_cost', '1.1', pg_backend_pid() <> $2::int) AS random_page_cost,
       nightbell.remember_token($1) AS remembered
