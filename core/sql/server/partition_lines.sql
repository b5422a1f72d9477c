-- The rows of a detached partition after a key, as lines of an archive.
-- $1 text: its name · $2 uuid, $3 uuid, $4 uuid: tenant, user and id of the last row; nil to begin · $5 int: at most
-- columns: tenant_id uuid, user_id uuid, id uuid, line text
SELECT l.tenant_id, l.user_id, l.id, l.line FROM nightbell.detached_lines($1::text, $2::uuid, $3::uuid, $4::uuid, $5::int) AS l
