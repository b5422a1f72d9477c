-- Counts a failed attempt at an app event.
-- $1 uuid: its tenant; $2 bigint: its id; $3 text: SQLSTATE; $4 text: what was wrong
-- Columns: when it is due again (NULL: never)
SELECT nightbell.engine_failed($1::uuid, $2::bigint, $3::text, $4::text)
