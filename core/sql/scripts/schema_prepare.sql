-- Prepares for the first migration: roles, schema, extension, and the tables that record migrations. Runs at every db
-- init and creates what is missing; as a superuser, or as the database's owner, who needs CREATEROLE or, if the roles
-- exist already, membership in nightbell_owner.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = pg_catalog, pg_temp;

DO $do$
DECLARE
    role_name text;
    owner_name text;
BEGIN
    IF current_setting('server_version_num')::int < 150000 THEN
        RAISE EXCEPTION 'PostgreSQL % is too old', current_setting('server_version')
            USING ERRCODE = 'feature_not_supported', HINT = 'nightbell needs PostgreSQL 15 or newer';
    END IF;
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database % has the encoding %', current_database(), current_setting('server_encoding')
            USING ERRCODE = 'feature_not_supported', HINT = 'create one with: CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0';
    END IF;

    FOREACH role_name IN ARRAY ARRAY['nightbell_owner', 'nightbell_client', 'nightbell_producer', 'nightbell_worker', 'nightbell_ringer',
                                     'nightbell_admin'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role_name);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'role % is missing and % may not create it', role_name, current_user
                    USING ERRCODE = 'insufficient_privilege', HINT = 'run db init as a superuser or as a role with CREATEROLE';
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- a concurrent init of another database of the server created it
        END;
    END LOOP;

    -- The schema's owner cannot log in, so maintainers act as it (SET ROLE). Since PostgreSQL 16 the creator of a role
    -- may grant it, even to himself, but not act as it without such a grant.
    IF NOT pg_has_role('nightbell_owner', CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
        BEGIN
            EXECUTE format('GRANT nightbell_owner TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION '% may not act as the role nightbell_owner, nor grant it', current_user
                    USING ERRCODE = 'insufficient_privilege',
                        HINT = 'run db init as a superuser or as a member of nightbell_owner';
        END;
    END IF;

    SELECT pg_get_userbyid(nspowner) INTO owner_name FROM pg_namespace WHERE nspname = 'nightbell';
    IF owner_name IS NULL THEN
        CREATE SCHEMA nightbell AUTHORIZATION nightbell_owner;
    ELSIF owner_name <> 'nightbell_owner' THEN
        RAISE EXCEPTION 'the schema nightbell belongs to %', owner_name
            USING ERRCODE = 'insufficient_privilege', HINT = 'it must belong to nightbell_owner: is it nightbell''s at all?';
    END IF;

    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pgcrypto') THEN
        -- not in nightbell: the extension's functions are granted to PUBLIC, and only a superuser could revoke that
        CREATE SCHEMA IF NOT EXISTS nightbell_extensions AUTHORIZATION nightbell_owner;
        CREATE EXTENSION pgcrypto SCHEMA nightbell_extensions;
    END IF;
END
$do$;

SET LOCAL ROLE nightbell_owner;
CREATE TABLE IF NOT EXISTS nightbell.migrations (
    version    int PRIMARY KEY CHECK (version > 0),
    name       text NOT NULL,
    checksum   text NOT NULL, -- SHA-256 of the migration's text
    applied_at timestamptz NOT NULL DEFAULT now()
);
-- The installed version of functions, views and policies; no row: they have to be applied.
CREATE TABLE IF NOT EXISTS nightbell.definitions (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    checksum   text NOT NULL, -- SHA-256 of all their texts
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMIT;
