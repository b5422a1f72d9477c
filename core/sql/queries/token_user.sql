-- The users that a token can be for: found by id, e-mail address or name, in one tenant or in any (administrators).
-- $1 uuid: id · $2 text: e-mail address · $3 text: name; two of them NULL · $4 uuid: tenant · $5 text: its name; NULL: any
-- Case is ignored for ASCII letters only: U+212A, the kelvin sign, is not a k (hence "C").
-- Columns: id uuid, name text, tenant_id uuid, tenant_name text
SELECT u.id, u.name, u.tenant_id, t.name AS tenant_name
FROM nightbell.users AS u
JOIN nightbell.tenants AS t ON t.id = u.tenant_id
WHERE u.deleted_at IS NULL
    AND (u.id = $1::uuid OR lower(u.email COLLATE "C") = lower($2::text COLLATE "C") OR lower(u.name COLLATE "C") = lower($3::text COLLATE "C"))
    AND ($4::uuid IS NULL OR t.id = $4::uuid)
    AND ($5::text IS NULL OR lower(t.name COLLATE "C") = lower($5::text COLLATE "C"))
ORDER BY t.name, u.name
LIMIT 5
