-- The people of the demonstration.
-- columns: name text, user_id uuid, tenant_id uuid, tenant_name text, is_global boolean,
--          roles text (separated by blanks), about text
SELECT p.name, p.user_id, p.tenant_id, t.name AS tenant_name, p.is_global, array_to_string(p.roles, ' ') AS roles, p.about
  FROM nightbell_demo.people p JOIN nightbell_demo.tenants t ON t.id = p.tenant_id
 ORDER BY p.ordinal
