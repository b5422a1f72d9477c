-- Begins a session: sets the token and asks for the schema's version, in one round trip.
-- $1 text: the token, '' for identity by the PostgreSQL login
-- Columns: schema_version int, token text
SELECT nightbell.schema_version() AS schema_version,
       set_config('nightbell.token', $1, false) AS token
