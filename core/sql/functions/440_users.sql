-- The people of a tenant as documents: applications import them by the thousand and again and again, so a batch is checked
-- and stored as a whole. Deleted people stay archived for the retention time; an import brings them back.

-- Whether the session may change people beyond one tenant: an administrator of the installation, or of all tenants.
CREATE OR REPLACE FUNCTION nightbell.administers_all() RETURNS boolean
LANGUAGE sql STABLE
RETURN nightbell.administers(NULL);

-- Whether a person acts, or acted, in every tenant: by a PostgreSQL login, or by a token that is remembered. An administrator of
-- one tenant changes none of them, since roles and addresses of such a person reach further than that tenant.
CREATE OR REPLACE FUNCTION nightbell.acts_everywhere(tenant uuid, "user" uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM nightbell.role_identities i
               WHERE i.tenant_id = acts_everywhere.tenant AND i.user_id = acts_everywhere."user" AND i.is_global)
    OR EXISTS (SELECT FROM nightbell.verified_tokens v WHERE v.user_id = acts_everywhere."user" AND v.tenant_id IS NULL);

-- How an export names a person: by the name, unless it looks like an address or a UUID, which might mean somebody else.
CREATE OR REPLACE FUNCTION nightbell.person_text(u nightbell.users) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN (u).name ~ '@|^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' THEN (u).id::text ELSE (u).name END;

CREATE OR REPLACE FUNCTION nightbell.stored_roles(tenant uuid, "user" uuid) RETURNS text[]
LANGUAGE sql STABLE
RETURN ARRAY(SELECT r.role FROM nightbell.user_roles r
             WHERE r.tenant_id = stored_roles.tenant AND r.user_id = stored_roles."user" ORDER BY r.role);

CREATE OR REPLACE FUNCTION nightbell.user_document(u nightbell.users) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', (u).id, 'name', (u).name, 'email', (u).email, 'phone', (u).phone, 'locale', (u).locale,
    'time_zone', (u).time_zone, 'roles', nightbell.stored_roles((u).tenant_id, (u).id));

-- A JSON text; NULL: it is none that PostgreSQL takes.
CREATE OR REPLACE FUNCTION nightbell.json_of(written text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    RETURN written::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END
$$;

-- What is wrong with a document, as far as it shows without tables; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.user_document_problem(item jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    texts CONSTANT text[] := '{id,name,email,phone,locale,time_zone}';
    problem CONSTANT text := nightbell.text_member_problem(item, texts, '{id,name}');
BEGIN
    RETURN CASE
        WHEN problem IS NOT NULL THEN problem
        WHEN item ->> 'id' !~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' THEN 'id: expected a UUID'
        WHEN char_length(item ->> 'name') NOT BETWEEN 1 AND 100 OR item ->> 'name' ~ '[[:cntrl:]]|^[[:space:]]|[[:space:]]$'
            THEN 'name: expected 1 to 100 characters, no control characters, no blanks around them'
        WHEN item ->> 'email' !~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' OR char_length(item ->> 'email') > 254
            THEN 'email: expected an address such as ada@acme.example, at most 254 characters'
        WHEN item ->> 'phone' !~ '^\+[1-9][0-9]{1,14}$' THEN 'phone: expected a number such as +37120000000 (E.164)'
        WHEN item ->> 'locale' !~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$' OR char_length(item ->> 'locale') > 35
            THEN 'locale: expected a language such as en or pt-BR'
        WHEN coalesce(item -> 'roles', 'null') <> 'null'
            AND (jsonb_typeof(item -> 'roles') <> 'array' OR NOT '["user", "operator", "producer", "admin"]' @> (item -> 'roles'))
            THEN 'roles: expected a list of user, operator, producer, admin'
        ELSE nightbell.unknown_member(item, texts || '{roles}')
        END;
END
$$;

-- Whom a document makes; roles in order. What it leaves out has its default.
CREATE OR REPLACE FUNCTION nightbell.user_of_document(tenant uuid, item jsonb, OUT person nightbell.users, OUT roles text[])
LANGUAGE sql STABLE
AS $$
    SELECT (tenant, (item ->> 'id')::uuid, item ->> 'name', item ->> 'email', item ->> 'phone', item ->> 'locale',
            coalesce(item ->> 'time_zone', 'UTC'), now(), NULL)::nightbell.users,
        CASE jsonb_typeof(item -> 'roles') WHEN 'array'
            THEN ARRAY(SELECT DISTINCT r FROM jsonb_array_elements_text(item -> 'roles') AS r ORDER BY r) ELSE '{user}' END
$$;

-- Whether the person is stored as the document says.
CREATE OR REPLACE FUNCTION nightbell.is_user(stored nightbell.users, person nightbell.users, roles text[]) RETURNS boolean
LANGUAGE sql STABLE
RETURN ((stored).name, (stored).email, (stored).phone::text, (stored).locale, (stored).time_zone)
        IS NOT DISTINCT FROM ((person).name, (person).email, (person).phone::text, (person).locale, (person).time_zone)
    AND (stored).deleted_at IS NULL AND nightbell.stored_roles((stored).tenant_id, (stored).id) = roles;

-- What only the tables know is wrong with each of these items; their ids are distinct. No row: nothing.
CREATE OR REPLACE FUNCTION nightbell.user_problems(tenant uuid, items jsonb[]) RETURNS TABLE (ordinal bigint, problem text)
LANGUAGE sql STABLE
AS $$
    WITH wanted AS MATERIALIZED (
        SELECT i.ordinal, w.person, w.roles, (w.person).id AS id
        FROM unnest(items) WITH ORDINALITY AS i (item, ordinal) CROSS JOIN LATERAL nightbell.user_of_document(tenant, i.item) AS w
        WHERE i.item IS NOT NULL
    ), zones AS MATERIALIZED (
        SELECT z.zone, z.zone = 'UTC' OR z.zone IN (SELECT name FROM pg_catalog.pg_timezone_names) AS is_known
        FROM (SELECT DISTINCT (w.person).time_zone AS zone FROM wanted w) AS z
    ), rights AS MATERIALIZED (SELECT nightbell.administers_all() AS all_tenants)
    SELECT p.ordinal, p.problem FROM (
        SELECT w.ordinal, CASE
            WHEN NOT z.is_known THEN 'time_zone: expected the name of a time zone, such as Europe/Berlin'
            WHEN EXISTS (SELECT FROM nightbell.users u WHERE u.tenant_id = tenant AND lower(u.name) = lower((w.person).name)
                             AND u.deleted_at IS NULL AND u.id NOT IN (SELECT o.id FROM wanted o))
                THEN format('name: somebody else in the tenant is called "%s"', (w.person).name)
            WHEN r.all_tenants THEN NULL
            WHEN EXISTS (SELECT FROM nightbell.users u WHERE u.id = w.id AND u.tenant_id <> tenant)
                THEN 'id: only an administrator of the installation may bring somebody with this UUID here'
            WHEN nightbell.acts_everywhere(tenant, w.id) AND NOT EXISTS (
                    SELECT FROM nightbell.users u WHERE u.tenant_id = tenant AND u.id = w.id AND u.deleted_at IS NULL
                        AND nightbell.is_user(u, w.person, w.roles))
                THEN 'id: this person acts in every tenant: only an administrator of the installation may change them'
            END AS problem
        FROM wanted w JOIN zones z ON z.zone = (w.person).time_zone CROSS JOIN rights r) AS p
    WHERE p.problem IS NOT NULL
$$;

-- Stores items that are in order. Returns whether each was added, changed (brought back, too), or already the same.
CREATE OR REPLACE FUNCTION nightbell.store_users(tenant uuid, items jsonb[]) RETURNS TABLE (ordinal bigint, change text)
LANGUAGE sql
AS $$
    WITH wanted AS MATERIALIZED (
        SELECT i.ordinal, w.person, w.roles, (w.person).id AS id,
            CASE WHEN u.id IS NULL THEN 'added' WHEN NOT nightbell.is_user(u, w.person, w.roles) THEN 'changed' ELSE 'same' END AS change
        FROM unnest(items) WITH ORDINALITY AS i (item, ordinal) CROSS JOIN LATERAL nightbell.user_of_document(tenant, i.item) AS w
        LEFT JOIN nightbell.users u ON u.tenant_id = tenant AND u.id = (w.person).id
        WHERE i.item IS NOT NULL
    ), stored AS (
        INSERT INTO nightbell.users AS u SELECT (w.person).* FROM wanted w WHERE w.change <> 'same'
        ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone,
            locale = excluded.locale, time_zone = excluded.time_zone, deleted_at = NULL
    ), taken AS (
        DELETE FROM nightbell.user_roles r USING wanted w
        WHERE w.change = 'changed' AND r.tenant_id = tenant AND r.user_id = w.id AND r.role <> ALL (w.roles)
    ), given AS (
        INSERT INTO nightbell.user_roles (tenant_id, user_id, role)
        SELECT tenant, w.id, r FROM wanted w CROSS JOIN LATERAL unnest(w.roles) AS r WHERE w.change <> 'same'
        ON CONFLICT DO NOTHING
    )
    SELECT w.ordinal, w.change FROM wanted w
$$;

-- One outcome for each of the items, or an error that one of them has with another: then they are imported one by one.
CREATE OR REPLACE FUNCTION nightbell.import_users_together(tenant uuid, items jsonb[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    problems text[];
    outcomes text[];
BEGIN
    problems := ARRAY(SELECT CASE WHEN i.item IS NULL THEN 'the item is no JSON that PostgreSQL takes' ELSE nightbell.user_document_problem(i.item) END
                      FROM unnest(items) WITH ORDINALITY AS i (item, n) ORDER BY i.n);
    IF EXISTS (SELECT FROM unnest(items, problems) AS i (item, problem) WHERE i.problem IS NULL
               GROUP BY lower(i.item ->> 'id') HAVING count(*) > 1) THEN
        RAISE EXCEPTION 'id: stands twice' USING ERRCODE = 'unique_violation';
    END IF;
    problems := ARRAY(SELECT coalesce(i.problem, p.problem) FROM unnest(problems) WITH ORDINALITY AS i (problem, n)
        LEFT JOIN nightbell.user_problems(tenant, ARRAY(SELECT CASE WHEN c.problem IS NULL THEN c.item END
            FROM unnest(items, problems) WITH ORDINALITY AS c (item, problem, n) ORDER BY c.n)) AS p ON p.ordinal = i.n ORDER BY i.n);
    outcomes := ARRAY(SELECT s.change FROM unnest(problems) WITH ORDINALITY AS i (problem, n)
        LEFT JOIN nightbell.store_users(tenant, ARRAY(SELECT CASE WHEN c.problem IS NULL THEN c.item END
            FROM unnest(items, problems) WITH ORDINALITY AS c (item, problem, n) ORDER BY c.n)) AS s ON s.ordinal = i.n ORDER BY i.n);
    RETURN QUERY SELECT i.n::int, CASE WHEN i.problem IS NULL THEN lower(i.item ->> 'id') END, i.change,
            CASE WHEN i.problem IS NOT NULL THEN '22023' END, i.problem, NULL::text
        FROM unnest(items, problems, outcomes) WITH ORDINALITY AS i (item, problem, change, n) ORDER BY i.n;
END
$$;

-- Imports people of a tenant from JSON texts, with one outcome each; a bad one does not stop the others.
CREATE OR REPLACE FUNCTION nightbell.import_users(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    parsed jsonb[];
    outcomes jsonb;
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    PERFORM FROM nightbell.tenants t WHERE t.id = tenant FOR NO KEY UPDATE; -- imports of a tenant come one after the other
    parsed := ARRAY(SELECT nightbell.json_of(i.item) FROM unnest(items) WITH ORDINALITY AS i (item, n) ORDER BY i.n);
    BEGIN
        outcomes := (SELECT jsonb_agg(to_jsonb(o)) FROM nightbell.import_users_together(tenant, parsed) AS o);
    EXCEPTION WHEN unique_violation THEN -- of one of them with another, or with what is written at the same time
        outcomes := nightbell.import_users_one_by_one(tenant, parsed);
    END;
    RETURN QUERY SELECT o.* FROM jsonb_to_recordset(outcomes) AS o (ordinal int, key text, change text, sqlstate text, message text, hint text)
        ORDER BY o.ordinal;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.import_users_one_by_one(tenant uuid, items jsonb[]) RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    outcomes jsonb := '[]';
BEGIN
    FOR i IN 1 .. cardinality(items) LOOP
        BEGIN
            outcomes := outcomes || (SELECT to_jsonb(o) || jsonb_build_object('ordinal', i) FROM nightbell.import_users_together(tenant, items[i:i]) AS o);
        EXCEPTION WHEN unique_violation THEN
            outcomes := outcomes || jsonb_build_object('ordinal', i, 'sqlstate', '22023',
                'message', format('name: somebody else in the tenant is called "%s"', items[i] ->> 'name'));
        END;
    END LOOP;
    RETURN outcomes;
END
$$;

-- The people of a tenant, or those that a name, an address or a UUID means, as documents.
CREATE OR REPLACE FUNCTION nightbell.user_documents(tenant uuid, named text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    IF named IS NULL THEN
        RETURN QUERY SELECT u.id::text, nightbell.user_document(u)::text FROM nightbell.users u
            WHERE u.tenant_id = tenant AND u.deleted_at IS NULL ORDER BY u.id;
    ELSE
        RETURN QUERY SELECT u.id::text, nightbell.user_document(u)::text FROM nightbell.people_named(named, tenant) AS u ORDER BY u.id;
    END IF;
END
$$;

-- Archives a person of a tenant; false: there is none.
CREATE OR REPLACE FUNCTION nightbell.delete_user(tenant uuid, named text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    meant uuid[];
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    meant := ARRAY(SELECT p.id FROM nightbell.people_named(named, tenant) AS p);
    IF cardinality(meant) = 0 THEN
        RETURN false;
    ELSIF cardinality(meant) > 1 THEN
        PERFORM nightbell.refuse('22023', format('"%s" may mean several people', left(named, 100)), 'Give the UUID.');
    ELSIF nightbell.acts_everywhere(tenant, meant[1]) AND NOT nightbell.administers_all() THEN
        PERFORM nightbell.refuse('42501', 'this person acts in every tenant',
                                 'Only an administrator of the installation may delete them.');
    END IF;
    UPDATE nightbell.users u SET deleted_at = now() WHERE u.tenant_id = tenant AND u.id = meant[1] AND u.deleted_at IS NULL;
    RETURN FOUND;
END
$$;
