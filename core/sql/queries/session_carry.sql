-- The token and the settings of session_start.sql for one transaction, when a pooler shares the session.
-- $1 text: the token, '' for identity by the PostgreSQL login
SELECT set_config('nightbell.token', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true)
