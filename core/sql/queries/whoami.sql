-- The session's identity, as the database sees it.
SELECT w.known, w.user_id, w.user_name, w.tenant_id, w.tenant_name, w.is_global, array_to_string(w.roles, ',') AS roles,
       w.expires_at, w.reason
FROM nightbell.whoami() AS w
