-- Claims app events that are due, of one lane, in the caller's transaction.
-- $1 boolean: the critical lane; $2 int: at most so many; $3 int: how long each next statement may take, in milliseconds
-- Columns: tenant uuid, id bigint, event_type, source_kind, context (JSON) text
SELECT c.tenant_id, c.id, c.event_type, c.source_kind, c.context
FROM nightbell.engine_claim($1::boolean, $2::int, $3::int) AS c
