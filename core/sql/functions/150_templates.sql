-- Templates: imported, exported and deleted by administrators; read by the worker, which renders them in C.

-- pt_br and PT-BR are pt-BR, zh-hant-tw is zh-Hant-TW; default stays default.
CREATE OR REPLACE FUNCTION nightbell.template_locale(locale text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT string_agg(CASE WHEN n = 1 THEN lower(part) WHEN char_length(part) = 4 THEN initcap(part)
                               WHEN char_length(part) = 2 THEN upper(part) ELSE lower(part) END, '-' ORDER BY n)
        FROM regexp_split_to_table(locale, '[-_]') WITH ORDINALITY AS p (part, n));

-- A version as import_templates() reads it.
CREATE OR REPLACE FUNCTION nightbell.template_document(t nightbell.templates) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('template_code', (t).template_code, 'description', (t).description, 'variables', (t).variables, 'texts',
    (SELECT coalesce(json_agg(json_build_object('channel', x.channel, 'locale', x.locale, 'subject', x.subject,
                'body_template', x.body_template, 'html_template', x.html_template, 'cc', x.cc, 'bcc', x.bcc)
            ORDER BY x.channel COLLATE "C", x.locale <> 'default', x.locale COLLATE "C"), '[]')
     FROM nightbell.template_texts x
     WHERE x.tenant_id = (t).tenant_id AND x.template_code = (t).template_code AND x.version = (t).version));

-- ---- importing ----

-- The first member of item that is none of these; NULL: there is none.
CREATE OR REPLACE FUNCTION nightbell.unknown_member(item jsonb, members text[]) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT format('unknown member "%s"', nightbell.plain_text(key, 40))
        FROM jsonb_object_keys(item) AS key WHERE key <> ALL (members) LIMIT 1);

-- Says where item is no object whose members `texts` are strings; NULL: it is one. Those in `needed` must be there, the others
-- may be left out or null.
CREATE OR REPLACE FUNCTION nightbell.text_member_problem(item jsonb, texts text[], needed text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    name text;
BEGIN
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        RETURN 'the item is not a JSON object';
    END IF;
    FOREACH name IN ARRAY texts LOOP
        IF jsonb_typeof(item -> name) IS DISTINCT FROM 'string' AND (name = ANY (needed) OR coalesce(item -> name, 'null') <> 'null') THEN
            RETURN format('%s: expected a string', name);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Whether value is of that type of a variable.
CREATE OR REPLACE FUNCTION nightbell.fits_variable(value jsonb, type text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_typeof(value) = CASE type WHEN 'list' THEN 'array' ELSE type END;

-- What is wrong with one of the variables; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.variable_problem(item jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    types CONSTANT text[] := '{string,number,boolean,list,object}';
BEGIN
    IF jsonb_typeof(item) <> 'object' THEN
        RETURN ': expected an object';
    ELSIF jsonb_typeof(item -> 'name') IS DISTINCT FROM 'string' OR char_length(item ->> 'name') > 200
        OR item ->> 'name' !~ '^[^.[:space:][:cntrl:]]+(\.[^.[:space:][:cntrl:]]+)*$' THEN
        RETURN '.name: expected a name such as po.amount, of at most 200 characters';
    ELSIF item ? 'type' AND (jsonb_typeof(item -> 'type') <> 'string' OR item ->> 'type' <> ALL (types)) THEN
        RETURN '.type: expected string, number, boolean, list or object';
    ELSIF item ? 'required' AND jsonb_typeof(item -> 'required') <> 'boolean' THEN
        RETURN '.required: expected true or false';
    ELSIF item ? 'description' AND (jsonb_typeof(item -> 'description') <> 'string' OR char_length(item ->> 'description') > 1000) THEN
        RETURN '.description: expected a string of at most 1000 characters';
    ELSIF item ? 'default' AND NOT nightbell.fits_variable(item -> 'default', coalesce(item ->> 'type', 'string')) THEN
        RETURN format('.default: expected a value of the type %s', coalesce(item ->> 'type', 'string'));
    END IF;
    RETURN ': ' || nightbell.unknown_member(item, '{name,type,required,default,description}');
END
$$;

-- What is wrong with a list of addresses; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.addresses_problem(item jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN jsonb_typeof(item) <> 'array' OR jsonb_array_length(item) > 50 THEN ': expected a list of at most 50 addresses'
    WHEN EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof(item) WHEN 'array' THEN item END) AS a (value)
                 WHERE jsonb_typeof(a.value) <> 'string' OR a.value #>> '{}' ~ '[[:cntrl:]]' OR char_length(a.value #>> '{}') NOT BETWEEN 1 AND 1000)
        THEN ': expected strings of 1 to 1000 characters, none of them a control character'
    END;

-- What is wrong with one of the texts; NULL: nothing. Whether it is Mustache is checked in C: by the commands before
-- they import, by the worker before it renders.
CREATE OR REPLACE FUNCTION nightbell.template_text_problem(item jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    name text;
    problem text;
BEGIN
    IF jsonb_typeof(item) <> 'object' THEN
        RETURN ': expected an object';
    ELSIF jsonb_typeof(item -> 'channel') IS DISTINCT FROM 'string' OR item ->> 'channel' <> ALL (array_prepend('*', nightbell.all_channels())) THEN
        RETURN format('.channel: expected %s, or * for every other one', nightbell.channels_expected());
    ELSIF item ? 'locale' AND (jsonb_typeof(item -> 'locale') <> 'string'
        OR item ->> 'locale' <> 'default' AND item ->> 'locale' !~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}$') THEN
        RETURN '.locale: expected default, or a language such as de or pt-BR';
    ELSIF jsonb_typeof(item -> 'body_template') IS DISTINCT FROM 'string' THEN
        RETURN '.body_template: expected a string';
    ELSIF item ->> 'subject' ~ '[[:cntrl:]]' THEN
        RETURN '.subject: expected one line, without control characters';
    ELSIF item ->> 'channel' NOT IN ('email', '*') AND coalesce(item -> 'html_template', 'null') <> 'null' THEN
        RETURN '.html_template: only email has HTML';
    END IF;
    FOREACH name IN ARRAY '{subject,body_template,html_template}'::text[] LOOP
        IF item ? name AND jsonb_typeof(item -> name) NOT IN ('string', 'null') THEN
            RETURN format('.%s: expected a string', name);
        ELSIF octet_length(item ->> name) > 65536 THEN
            RETURN format('.%s: it has %s bytes; at most 65536 are allowed', name, octet_length(item ->> name));
        END IF;
    END LOOP;
    FOREACH name IN ARRAY '{cc,bcc}'::text[] LOOP
        problem := nightbell.addresses_problem(item -> name);
        IF problem IS NOT NULL THEN
            RETURN format('.%s%s', name, problem);
        ELSIF item ->> 'channel' NOT IN ('email', '*') AND coalesce(item -> name, '[]') <> '[]' THEN
            RETURN format('.%s: only email has it', name);
        END IF;
    END LOOP;
    RETURN ': ' || nightbell.unknown_member(item, '{channel,locale,subject,body_template,html_template,cc,bcc}');
END
$$;

-- What is wrong with a document; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.template_document_problem(item jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    problem text;
BEGIN
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        RETURN 'the item is not a JSON object';
    ELSIF jsonb_typeof(item -> 'template_code') IS DISTINCT FROM 'string'
        OR item ->> 'template_code' !~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$' THEN
        RETURN 'template_code: expected at most 100 of A to Z, a to z, 0 to 9 and _ . : -, a letter or digit first';
    ELSIF coalesce(item -> 'description', 'null') <> 'null'
        AND (jsonb_typeof(item -> 'description') <> 'string' OR char_length(item ->> 'description') NOT BETWEEN 1 AND 1000) THEN
        RETURN 'description: expected a string of 1 to 1000 characters';
    ELSIF item ? 'variables' AND (jsonb_typeof(item -> 'variables') <> 'array' OR jsonb_array_length(item -> 'variables') > 500) THEN
        RETURN 'variables: expected a list of at most 500 variables';
    ELSIF jsonb_typeof(item -> 'texts') IS DISTINCT FROM 'array' OR jsonb_array_length(item -> 'texts') NOT BETWEEN 1 AND 500 THEN
        RETURN 'texts: expected a list of 1 to 500 texts';
    END IF;
    SELECT format('variables[%s]%s', v.n - 1, p.problem) INTO problem
    FROM jsonb_array_elements(item -> 'variables') WITH ORDINALITY AS v (value, n)
        CROSS JOIN LATERAL (SELECT nightbell.variable_problem(v.value) AS problem) AS p
    WHERE p.problem IS NOT NULL ORDER BY v.n LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;
    SELECT format('texts[%s]%s', x.n - 1, p.problem) INTO problem
    FROM jsonb_array_elements(item -> 'texts') WITH ORDINALITY AS x (value, n)
        CROSS JOIN LATERAL (SELECT nightbell.template_text_problem(x.value) AS problem) AS p
    WHERE p.problem IS NOT NULL ORDER BY x.n LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;
    SELECT format('variables[%s].name: %s is declared twice', max(v.n) - 1, v.value ->> 'name') INTO problem
    FROM jsonb_array_elements(item -> 'variables') WITH ORDINALITY AS v (value, n)
    GROUP BY v.value ->> 'name' HAVING count(*) > 1 ORDER BY max(v.n) LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;
    SELECT format('texts[%s]: channel and locale stand twice', max(x.n) - 1) INTO problem
    FROM jsonb_array_elements(item -> 'texts') WITH ORDINALITY AS x (value, n)
    GROUP BY x.value ->> 'channel', nightbell.template_locale(coalesce(x.value ->> 'locale', 'default'))
    HAVING count(*) > 1 ORDER BY max(x.n) LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN problem;
    END IF;
    RETURN nightbell.unknown_member(item, '{template_code,description,variables,texts}');
END
$$;

-- Stores a version and makes it the one that is rendered.
CREATE OR REPLACE FUNCTION nightbell.store_template(tenant uuid, item jsonb, next_version int) RETURNS nightbell.templates
LANGUAGE plpgsql
AS $$
DECLARE
    stored nightbell.templates;
BEGIN
    INSERT INTO nightbell.templates (tenant_id, template_code, version, description, variables)
    VALUES (tenant, item ->> 'template_code', next_version, item ->> 'description',
            (SELECT coalesce(jsonb_agg(jsonb_build_object('type', 'string', 'required', false) || v.value ORDER BY v.n), '[]')
             FROM jsonb_array_elements(item -> 'variables') WITH ORDINALITY AS v (value, n)))
    RETURNING * INTO stored;
    INSERT INTO nightbell.template_texts
        (tenant_id, template_code, version, channel, locale, subject, body_template, html_template, cc, bcc)
    SELECT tenant, item ->> 'template_code', next_version, x.value ->> 'channel',
        nightbell.template_locale(coalesce(x.value ->> 'locale', 'default')), x.value ->> 'subject',
        x.value ->> 'body_template', x.value ->> 'html_template',
        ARRAY(SELECT jsonb_array_elements_text(x.value -> 'cc')), ARRAY(SELECT jsonb_array_elements_text(x.value -> 'bcc'))
    FROM jsonb_array_elements(item -> 'texts') AS x (value);
    RETURN stored;
END
$$;

-- Imports one document. Returns whether the template was added, changed, or already the same.
CREATE OR REPLACE FUNCTION nightbell.import_template(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    kept CONSTANT int := 10; -- versions
    code CONSTANT text := item ->> 'template_code';
    present nightbell.templates;
    stored nightbell.templates;
    documents text[];
BEGIN
    SELECT t.* INTO present FROM nightbell.templates t WHERE t.tenant_id = tenant AND t.template_code = code AND t.is_active;
    IF present.version IS NULL THEN
        PERFORM nightbell.store_template(tenant, item, 1);
        RETURN 'added';
    END IF;
    UPDATE nightbell.templates t SET is_active = false
    WHERE t.tenant_id = tenant AND t.template_code = code AND t.version = present.version;
    stored := nightbell.store_template(tenant, item, present.version + 1);
    documents := ARRAY[nightbell.template_document(present)::text, nightbell.template_document(stored)::text];
    IF documents[1] = documents[2] THEN
        DELETE FROM nightbell.templates t WHERE t.tenant_id = tenant AND t.template_code = code AND t.version = stored.version;
        UPDATE nightbell.templates t SET is_active = true
        WHERE t.tenant_id = tenant AND t.template_code = code AND t.version = present.version;
        RETURN 'same';
    END IF;
    DELETE FROM nightbell.templates t WHERE t.tenant_id = tenant AND t.template_code = code AND t.version <= stored.version - kept;
    RETURN 'changed';
END
$$;

-- Imports templates of a tenant from JSON texts, with one outcome each; a bad one does not stop the others. An omitted
-- member gets its default: the document replaces the template.
CREATE OR REPLACE FUNCTION nightbell.import_templates(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'template_document_problem', 'template_code', 'import_template') $$;

-- The templates of a tenant, or the one named, as documents; with a version that one, else the one that is rendered.
CREATE OR REPLACE FUNCTION nightbell.template_documents(tenant uuid, code text DEFAULT NULL, version int DEFAULT NULL)
RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT t.template_code, nightbell.template_document(t)::text
    FROM nightbell.templates t
    WHERE t.tenant_id = tenant AND (code IS NULL OR t.template_code = code)
        AND CASE WHEN template_documents.version IS NULL THEN t.is_active ELSE t.version = template_documents.version END
    ORDER BY t.template_code COLLATE "C";
END
$$;

-- Deletes a template with all its versions; false: there is none.
CREATE OR REPLACE FUNCTION nightbell.delete_template(tenant uuid, code text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.templates t WHERE t.tenant_id = tenant AND t.template_code = code;
    RETURN FOUND;
END
$$;

-- ---- rendering ----

-- The worker reads every tenant's templates, an administrator those of tenants that are theirs.
CREATE OR REPLACE FUNCTION nightbell.require_renderer(tenant uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    IF NOT pg_has_role(session_user, 'nightbell_worker', 'MEMBER') THEN
        PERFORM nightbell.require_administrator(tenant);
    END IF;
END
$$;

-- The versions that are rendered now, of those of the codes that there are: what a cache asks before it answers.
CREATE OR REPLACE FUNCTION nightbell.template_versions(tenant uuid, codes text[]) RETURNS TABLE (code text, version int)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_renderer(tenant);
    RETURN QUERY SELECT t.template_code, t.version FROM nightbell.templates t
    WHERE t.tenant_id = tenant AND t.template_code = ANY (codes) AND t.is_active;
END
$$;

-- The texts of a template in every locale, for a channel: its own, or else those of channel *. No row: there is no such
-- template; one with NULL for the locale: it has no text for the channel.
CREATE OR REPLACE FUNCTION nightbell.template_texts_for(tenant uuid, code text, for_channel text)
RETURNS TABLE (version int, variables jsonb, locale text, subject text, body_template text, html_template text, cc text[], bcc text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_renderer(tenant);
    RETURN QUERY SELECT t.version, t.variables, x.locale, x.subject, x.body_template, x.html_template, x.cc, x.bcc
    FROM nightbell.templates t
        LEFT JOIN nightbell.template_texts x
            ON x.tenant_id = t.tenant_id AND x.template_code = t.template_code AND x.version = t.version
            AND x.channel = (SELECT max(c.channel COLLATE "C") FROM nightbell.template_texts c -- * is before every name
                             WHERE c.tenant_id = t.tenant_id AND c.template_code = t.template_code AND c.version = t.version
                                 AND c.channel IN ('*', for_channel))
    WHERE t.tenant_id = tenant AND t.template_code = code AND t.is_active
    ORDER BY x.locale COLLATE "C";
END
$$;

-- Whether there is that template, with a text for the channel (NULL: for any). No template has one: then the context is the text.
CREATE OR REPLACE FUNCTION nightbell.has_text(tenant uuid, code text, for_channel text) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN code IS NULL OR EXISTS (
        SELECT FROM nightbell.templates t
        JOIN nightbell.template_texts x ON x.tenant_id = t.tenant_id AND x.template_code = t.template_code AND x.version = t.version
        WHERE t.tenant_id = tenant AND t.template_code = code AND t.is_active AND (for_channel IS NULL OR x.channel IN ('*', for_channel)));
END
$$;

-- A person as templates see them, as `user`: with the language and zone of their settings, where they have any.
DROP FUNCTION IF EXISTS nightbell.template_user(nightbell.users); -- until version 21
CREATE OR REPLACE FUNCTION nightbell.template_user(u nightbell.users, s nightbell.user_settings) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('id', (u).id, 'name', (u).name, 'email', (u).email, 'locale', coalesce((s).locale, (u).locale),
    'time_zone', coalesce((s).time_zone, (u).time_zone));

-- What a preview renders with: the context as the worker would read it, and a person by name, address or UUID.
CREATE OR REPLACE FUNCTION nightbell.template_preview(tenant uuid, context jsonb, person text)
RETURNS TABLE (content text, recipient text, locale text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    found nightbell.users;
    settings nightbell.user_settings;
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    IF jsonb_typeof(context) <> 'object' THEN
        RAISE EXCEPTION 'the context is a JSON %; it must be an object', jsonb_typeof(context) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF person IS NOT NULL THEN
        SELECT u.* INTO found FROM nightbell.users u
        WHERE u.tenant_id = tenant AND u.deleted_at IS NULL
            AND (u.id::text = lower(person) OR lower(u.name) = lower(person) OR lower(u.email) = lower(person))
        ORDER BY u.id::text = lower(person) DESC, lower(u.name) = lower(person) DESC LIMIT 1;
        IF found.id IS NULL THEN
            RAISE EXCEPTION 'there is no person "%"', left(person, 100) USING ERRCODE = 'no_data_found';
        END IF;
        SELECT s.* INTO settings FROM nightbell.user_settings s WHERE s.tenant_id = tenant AND s.user_id = found.id;
        recipient := nightbell.template_user(found, settings)::text;
    END IF;
    content := context::text;
    locale := coalesce(settings.locale, found.locale);
    RETURN NEXT;
END
$$;
