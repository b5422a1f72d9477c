-- Sets the token of the session; works without a schema. It outlasts the statement only if the session belongs to us
-- alone
-- (see session_start.sql).
-- $1 text: the token, '' for identity by the PostgreSQL login · $2 int: the server process named at connect
-- Columns: owned boolean, token text
SELECT pg_backend_pid() = $2::int AS owned, set_config('nightbell.token', $1, pg_backend_pid() <> $2::int) AS token
