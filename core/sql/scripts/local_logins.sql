-- The logins of a private cluster, for peer authentication. Runs at every start and creates those that are missing.
DO $do$
DECLARE
    login text;
    belongs_to text;
BEGIN
    FOR login, belongs_to IN
        VALUES ('nightbell_console', 'nightbell_client'),
               ('nightbell_producing', 'nightbell_client'),
               ('nightbell_producing', 'nightbell_producer'),
               ('nightbell_working', 'nightbell_worker'),
               ('nightbell_gateway', 'nightbell_client'),
               ('nightbell_administrator', 'nightbell_admin')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = login) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN', login);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m
                        WHERE m.roleid = belongs_to::pg_catalog.regrole
                          AND m.member = login::pg_catalog.regrole) THEN
            EXECUTE pg_catalog.format('GRANT %I TO %I', belongs_to, login);
        END IF;
    END LOOP;
END
$do$;
REVOKE ALL ON DATABASE nightbell FROM PUBLIC;
GRANT CONNECT ON DATABASE nightbell TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin;
