-- First closes everything: row security forced on every table, no rights for PUBLIC and the group roles. The later
-- files grant what each role may do. So a table that they forget is closed, not open.

DO $do$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'nightbell' AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        -- for the SECURITY DEFINER functions, which do their own checks; the owner cannot log in
        EXECUTE format('DROP POLICY IF EXISTS definer ON %s', name);
        EXECUTE format('CREATE POLICY definer ON %s TO nightbell_owner USING (true) WITH CHECK (true)', name);
        PERFORM nightbell.collect_no_statistics(name::regclass);
    END LOOP;
    FOR name IN
        SELECT p.oid::regprocedure::text
        FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'nightbell'::regnamespace AND p.proowner = 'nightbell_owner'::regrole
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin',
                       name);
    END LOOP;
    FOR name IN
        SELECT t.oid::regtype::text
        FROM pg_catalog.pg_type t
        WHERE t.typnamespace = 'nightbell'::regnamespace AND t.typowner = 'nightbell_owner'::regrole
            AND (t.typtype = 'd' OR t.typtype = 'c' AND EXISTS (
                SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    LOOP
        EXECUTE format('REVOKE ALL ON TYPE %s FROM PUBLIC', name);
    END LOOP;
END
$do$;

REVOKE ALL ON ALL TABLES IN SCHEMA nightbell FROM PUBLIC, nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA nightbell FROM PUBLIC, nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin;
REVOKE ALL ON SCHEMA nightbell FROM PUBLIC;
GRANT USAGE ON SCHEMA nightbell TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin;
