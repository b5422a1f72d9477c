-- Export and import of the catalogue, one JSON object per type; and deletion of a type.

-- 'P7D': reads back the same under every IntervalStyle.
CREATE OR REPLACE FUNCTION nightbell.iso_interval(value interval) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, nightbell, pg_temp
SET intervalstyle = iso_8601
AS $$ BEGIN RETURN value::text; END $$;

-- A document as import_types() reads it: the columns of notification_types, without those that the guard computes.
CREATE OR REPLACE FUNCTION nightbell.type_document(t nightbell.notification_types) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object('type', (t).type, 'module', (t).module, 'description', (t).description, 'urgency', (t).urgency,
    'data_schema', (t).data_schema, 'default_channels', (t).default_channels, 'unsubscribable', (t).unsubscribable,
    'restricted_to', (t).restricted_to, 'ttl', nightbell.iso_interval((t).ttl));

-- What is wrong with a document, as far as it shows without the table; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.type_document_problem(item jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    needed CONSTANT text[] := '{type,module,description}';
    members CONSTANT text[] := needed || '{urgency,data_schema,default_channels,unsubscribable,restricted_to,ttl}';
    roles CONSTANT jsonb := '["user", "operator", "producer", "admin", "worker"]';
    problem CONSTANT text := nightbell.text_member_problem(item, needed, needed);
    name text;
    value jsonb;
BEGIN
    IF problem IS NOT NULL THEN
        RETURN problem;
    ELSIF item ->> 'type' !~ '^[A-Z][A-Z0-9_]*$' OR char_length(item ->> 'type') > 100 THEN
        RETURN 'type: expected at most 100 of A to Z, 0 to 9 and _, a letter first';
    ELSIF char_length(item ->> 'module') NOT BETWEEN 1 AND 100 OR item ->> 'module' ~ '[[:cntrl:]]' THEN
        RETURN 'module: expected 1 to 100 characters, none of them a control character';
    ELSIF char_length(item ->> 'description') NOT BETWEEN 1 AND 1000 OR item ->> 'description' ~ '[[:cntrl:]]' THEN
        RETURN 'description: expected 1 to 1000 characters, none of them a control character';
    END IF;
    FOR name, value IN SELECT m.key, m.value FROM jsonb_each(item) AS m WHERE m.key <> ALL (needed) LOOP
        IF name <> ALL (members) THEN
            RETURN format('unknown member "%s"', nightbell.plain_text(name, 40));
        ELSIF name = 'urgency' AND (jsonb_typeof(value) <> 'string' OR nightbell.urgency_rank(value #>> '{}') IS NULL) THEN
            RETURN 'urgency: expected low, normal, high or critical';
        ELSIF name = 'data_schema' AND jsonb_typeof(value) <> 'object' THEN
            RETURN 'data_schema: expected an object';
        ELSIF name = 'default_channels' AND (jsonb_typeof(value) <> 'array' OR nightbell.channel_list_problem(value, false) IS NOT NULL) THEN
            RETURN 'default_channels: ' || CASE jsonb_typeof(value) WHEN 'array' THEN nightbell.channel_list_problem(value, false)
                ELSE nightbell.channel_list_problem('[]', false) END;
        ELSIF name = 'unsubscribable' AND jsonb_typeof(value) <> 'boolean' THEN
            RETURN 'unsubscribable: expected true or false';
        ELSIF name = 'restricted_to' AND value <> 'null' AND (jsonb_typeof(value) <> 'array' OR NOT roles @> value) THEN
            RETURN 'restricted_to: expected null or a list of user, operator, producer, admin, worker';
        ELSIF name = 'ttl' AND jsonb_typeof(value) NOT IN ('string', 'null') THEN
            RETURN 'ttl: expected null or a string such as P7D';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Imports one document. Returns whether the type was added, changed, or already the same.
CREATE OR REPLACE FUNCTION nightbell.import_type(item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    added boolean;
BEGIN
    INSERT INTO nightbell.notification_types AS t
        (type, module, description, urgency, data_schema, default_channels, unsubscribable, restricted_to, ttl)
    VALUES (item ->> 'type', item ->> 'module', item ->> 'description', coalesce(item ->> 'urgency', 'normal'),
            coalesce(item -> 'data_schema', '{"type": "object"}'),
            CASE WHEN item ? 'default_channels' THEN ARRAY(SELECT jsonb_array_elements_text(item -> 'default_channels'))
                 ELSE '{in_app}'::text[] END,
            coalesce((item -> 'unsubscribable')::boolean, true),
            CASE WHEN jsonb_typeof(item -> 'restricted_to') = 'array'
                THEN ARRAY(SELECT jsonb_array_elements_text(item -> 'restricted_to')) END,
            (item ->> 'ttl')::interval)
    ON CONFLICT (type) DO UPDATE
        SET module = excluded.module, description = excluded.description, urgency = excluded.urgency,
            data_schema = excluded.data_schema, default_channels = excluded.default_channels,
            unsubscribable = excluded.unsubscribable, restricted_to = excluded.restricted_to, ttl = excluded.ttl
        WHERE (t.module, t.description, t.urgency, t.data_schema::text, t.default_channels, t.unsubscribable, t.restricted_to, t.ttl)
            IS DISTINCT FROM (excluded.module, excluded.description, excluded.urgency, excluded.data_schema::text,
                              excluded.default_channels, excluded.unsubscribable, excluded.restricted_to, excluded.ttl)
    RETURNING t.xmax = 0 INTO added;
    RETURN CASE WHEN added THEN 'added' WHEN NOT added THEN 'changed' ELSE 'same' END;
END
$$;

-- Imports types from JSON texts, with one outcome each; a bad one does not stop the others. An omitted member gets its
-- default, also in a type that exists already: the document replaces it.
CREATE OR REPLACE FUNCTION nightbell.import_types(items text[])
RETURNS TABLE (ordinal int, type text, change text, sqlstate text, message text, hint text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    item jsonb;
    state text; -- needed because sqlstate changes inside a nested handler
BEGIN
    FOR i IN 1 .. coalesce(cardinality(items), 0) LOOP
        ordinal := i;
        type := NULL;
        change := NULL;
        message := NULL;
        hint := NULL;
        BEGIN
            state := '22023';
            item := items[i]::jsonb;
            message := nightbell.type_document_problem(item);
            IF message IS NULL THEN
                type := item ->> 'type';
                change := nightbell.import_type(item);
                state := NULL;
            END IF;
        EXCEPTION
            WHEN invalid_datetime_format OR datetime_field_overflow OR interval_field_overflow THEN
                message := 'ttl: expected an interval such as P7D';
            WHEN check_violation THEN
                message := 'ttl: expected a time above 0'; -- all other constraints were checked before
            WHEN data_exception OR program_limit_exceeded THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
                IF type IS NULL THEN
                    message := 'the item is no JSON that PostgreSQL takes';
                    hint := NULL;
                END IF;
        END;
        sqlstate := state;
        RETURN NEXT;
    END LOOP;
END
$$;

-- Deletes a type; false: there is none. A type of existing notifications is not deleted.
CREATE OR REPLACE FUNCTION nightbell.delete_type(type text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    DELETE FROM nightbell.notification_types AS t WHERE t.type = delete_type.type;
    RETURN FOUND;
EXCEPTION WHEN foreign_key_violation THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
        MESSAGE = format('the type %s is in use: there are notifications of it', left(delete_type.type, 100)),
        HINT = 'Import it with "restricted_to": [] so that nobody makes new ones, and delete it when retention has taken the old ones.';
END
$$;
