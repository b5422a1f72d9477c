-- Security problems, for db status; must be empty: tables without forced row security, functions that run as their
-- owner with a search path that the caller can change, columns whose statistics would reveal data, and grants to
-- PUBLIC.
CREATE OR REPLACE FUNCTION nightbell.security_report() RETURNS TABLE (problem text, object text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT 'table without forced row security', c.relname::text
    FROM pg_class c
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'function without pinned path', p.oid::regprocedure::text
    FROM pg_proc p
    WHERE p.pronamespace = 'nightbell'::regnamespace AND p.prosecdef
        AND NOT coalesce('search_path=pg_catalog, nightbell, pg_temp' = ANY (p.proconfig), false)
    UNION ALL
    SELECT 'column with statistics', s.name
    FROM pg_class c CROSS JOIN LATERAL nightbell.columns_with_statistics(c.oid) AS s
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT 'granted to PUBLIC', granted.kind || ' ' || granted.name
    FROM (
        SELECT 'schema' AS kind, n.nspname::text AS name, n.nspacl AS acl, n.nspowner AS owner, 'n'::"char" AS class
        FROM pg_namespace n WHERE n.oid = 'nightbell'::regnamespace
        UNION ALL
        SELECT 'table', c.relname::text, c.relacl, c.relowner, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"
        FROM pg_class c WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        UNION ALL
        SELECT 'column', c.relname || '.' || a.attname, a.attacl, c.relowner, 'c'
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'nightbell'::regnamespace AND a.attacl IS NOT NULL
        UNION ALL
        SELECT 'function', p.oid::regprocedure::text, p.proacl, p.proowner, 'f'
        FROM pg_proc p WHERE p.pronamespace = 'nightbell'::regnamespace
        UNION ALL
        SELECT 'type', t.oid::regtype::text, t.typacl, t.typowner, 'T'
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = 'nightbell'::regnamespace
            AND (t.typtype = 'd' OR t.typtype = 'c' AND c.relkind = 'c')
    ) AS granted
    WHERE EXISTS (SELECT FROM aclexplode(coalesce(granted.acl, acldefault(granted.class, granted.owner))) AS a WHERE a.grantee = 0)
    ORDER BY 1, 2
$$;
