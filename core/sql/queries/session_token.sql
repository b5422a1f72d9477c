-- Sets the token of the session, without needing any schema: for longer than this statement only where the session is ours alone
-- (see session_start.sql).
-- $1 text: the token, '' for identity by the PostgreSQL login · $2 int: the process that was named at the connect
-- Columns: owned boolean, token text
SELECT pg_backend_pid() = $2::int AS owned, set_config('nightbell.token', $1, pg_backend_pid() <> $2::int) AS token
