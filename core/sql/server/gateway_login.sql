-- What a login may do that everybody who asks the gateway could then do as well; NULL: nothing. Without a token in the session.
-- Columns: problem text
SELECT CASE
           WHEN r.rolsuper THEN 'is a superuser'
           WHEN r.rolbypassrls THEN 'passes row security by'
           WHEN (SELECT c.known FROM nightbell.claims() AS c) THEN 'is a person''s'
           WHEN more.name IS NOT NULL THEN 'is a member of ' || more.name
           WHEN NOT pg_has_role(session_user, 'nightbell_client', 'MEMBER') THEN 'is no member of nightbell_client'
       END AS problem
FROM pg_catalog.pg_roles AS r
LEFT JOIN LATERAL (
    SELECT o.rolname AS name FROM pg_catalog.pg_roles AS o
    WHERE o.rolname IN ('nightbell_producer', 'nightbell_worker', 'nightbell_admin', 'nightbell_ringer', 'nightbell_owner')
      AND pg_has_role(session_user, o.oid, 'MEMBER')
    ORDER BY o.rolname LIMIT 1
) AS more ON true
WHERE r.rolname = session_user
