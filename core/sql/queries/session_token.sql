-- Sets the token of the session, without needing any schema.
-- $1 text: the token, '' for identity by the PostgreSQL login
-- Columns: token text
SELECT set_config('nightbell.token', $1, false) AS token
