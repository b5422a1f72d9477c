-- People of the caller's own tenant whose name or e-mail contains a text: names that begin with it first.
-- $1 text: LIKE pattern for "contains" · $2 text: LIKE pattern for "begins with"
SELECT u.id, u.name, u.email
FROM nightbell.users AS u
WHERE u.tenant_id = (SELECT nightbell.home_tenant()) AND u.deleted_at IS NULL
  AND (u.name ILIKE $1::text OR u.email ILIKE $1::text)
ORDER BY u.name ILIKE $2::text DESC, lower(u.name), u.id
LIMIT 50
