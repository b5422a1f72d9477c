-- Begins a session: sets the token, has it verified, and asks for the schema's version, in one round trip. Prepared pages are planned once:
-- PostgreSQL would plan them anew for each key (1.4 ms over 13 partitions), only to find the same plan. Compiling a query
-- takes longer than running one of ours, and the indexes are in memory.
-- $1 text: the token, '' for identity by the PostgreSQL login
-- Columns: schema_version int, token, plan_cache_mode, jit, random_page_cost text, remembered boolean
SELECT nightbell.schema_version() AS schema_version,
       set_config('nightbell.token', $1, false) AS token,
       set_config('plan_cache_mode', 'force_generic_plan', false) AS plan_cache_mode,
       set_config('jit', 'off', false) AS jit,
       set_config('random_page_cost', '1.1', false) AS random_page_cost,
       nightbell.remember_token($1) AS remembered
