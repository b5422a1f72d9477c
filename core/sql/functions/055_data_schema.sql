-- Validates data against the schema of its type: JSON Schema 2020-12, with the keywords that docs/SQL.md lists. The
-- schema itself was checked when its type was registered (056_type_schemas.sql). Of the data, errors repeat only the
-- names of members, sanitised and shortened.

-- One step of a path, for an error: .name, or ["any name"].
CREATE OR REPLACE FUNCTION nightbell.path_step(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN name ~ '^[A-Za-z_$][A-Za-z0-9_$]*$' AND char_length(name) <= 40 THEN '.' || name
            ELSE '["' || nightbell.plain_text(translate(name, '"\', '''/'), 30) || '"]' END;

-- Prepends a step to the path of an inner error; a path that becomes too long loses its middle.
CREATE OR REPLACE FUNCTION nightbell.path_before(step text, found text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(found) < 300 THEN step || found WHEN found LIKE '...%' THEN found ELSE '...' || found END;

-- "a string or null", from the keyword type of a schema.
CREATE OR REPLACE FUNCTION nightbell.type_words(types jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(string_agg(CASE t.name WHEN 'boolean' THEN 'true or false' WHEN 'null' THEN 'null'
                                           WHEN 'array' THEN 'an array' WHEN 'integer' THEN 'an integer'
                                           WHEN 'object' THEN 'an object' ELSE 'a ' || t.name END, ' or ' ORDER BY t.n), 'a value')
    FROM jsonb_array_elements_text(CASE jsonb_typeof(types) WHEN 'array' THEN types WHEN 'string' THEN jsonb_build_array(types) END)
        WITH ORDINALITY AS t (name, n)
$$;

-- Each of these says where and why a value is invalid ('.amount: expected a number, found a string'); NULL: it is
-- valid.
CREATE OR REPLACE FUNCTION nightbell.string_problem(schema jsonb, value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF schema ? 'minLength' AND char_length(value) < (schema -> 'minLength')::numeric THEN
        RETURN format(': expected %s or more', CASE WHEN schema -> 'minLength' = '1' THEN '1 character'
                                                    ELSE trunc((schema -> 'minLength')::numeric) || ' characters' END);
    ELSIF schema ? 'maxLength' AND char_length(value) > (schema -> 'maxLength')::numeric THEN
        RETURN format(': expected %s characters or fewer', trunc((schema -> 'maxLength')::numeric));
    ELSIF schema ? 'pattern' AND value !~ (nightbell.pattern_regex(schema ->> 'pattern')).regex THEN
        RETURN format(': expected a match of the pattern %s', nightbell.plain_text(schema ->> 'pattern', 60));
    ELSIF schema ? 'format' AND NOT nightbell.fits_format(schema ->> 'format', value) THEN
        RETURN ': expected ' || CASE schema ->> 'format'
            WHEN 'uuid' THEN 'a UUID'
            WHEN 'date' THEN 'a date such as 2026-12-31'
            WHEN 'date-time' THEN 'a time such as 2026-12-31T23:59:59Z'
            WHEN 'uri' THEN 'a URI such as https://example.org/'
            ELSE 'an email address' END;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.number_problem(schema jsonb, value numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF schema ? 'minimum' AND value < (schema -> 'minimum')::numeric THEN
        RETURN ': expected ' || left(schema ->> 'minimum', 40) || ' or more';
    ELSIF schema ? 'maximum' AND value > (schema -> 'maximum')::numeric THEN
        RETURN ': expected ' || left(schema ->> 'maximum', 40) || ' or less';
    ELSIF schema ? 'exclusiveMinimum' AND value <= (schema -> 'exclusiveMinimum')::numeric THEN
        RETURN ': expected more than ' || left(schema ->> 'exclusiveMinimum', 40);
    ELSIF schema ? 'exclusiveMaximum' AND value >= (schema -> 'exclusiveMaximum')::numeric THEN
        RETURN ': expected less than ' || left(schema ->> 'exclusiveMaximum', 40);
    ELSIF schema ? 'multipleOf' AND value % (schema -> 'multipleOf')::numeric <> 0 THEN
        RETURN ': expected a multiple of ' || left(schema ->> 'multipleOf', 40);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.object_problem(schema jsonb, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    name text;
    part jsonb;
    found text;
    known jsonb := coalesce(schema -> 'properties', '{}');
    others jsonb := coalesce(schema -> 'additionalProperties', 'true');
BEGIN
    IF schema ? 'required' THEN
        FOR name IN SELECT r.name FROM jsonb_array_elements_text(schema -> 'required') AS r (name) WHERE NOT value ? r.name LOOP
            RETURN format('%s: expected %s, and it is missing', nightbell.path_step(name),
                          nightbell.type_words(known -> name -> 'type'));
        END LOOP;
    END IF;
    FOR name, part IN SELECT m.key, m.value FROM jsonb_each(value) AS m LOOP
        IF known ? name THEN
            found := nightbell.value_problem(known -> name, part);
        ELSIF others = 'true' THEN
            CONTINUE;
        ELSIF others = 'false' THEN
            found := ': expected no member of this name';
        ELSE
            found := nightbell.value_problem(others, part);
        END IF;
        IF found IS NOT NULL THEN
            RETURN nightbell.path_before(nightbell.path_step(name), found);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.array_problem(schema jsonb, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    many int := jsonb_array_length(value);
    part jsonb;
    found text;
BEGIN
    IF schema ? 'minItems' AND many < (schema -> 'minItems')::numeric THEN
        RETURN format(': expected %s items or more', trunc((schema -> 'minItems')::numeric));
    ELSIF schema ? 'maxItems' AND many > (schema -> 'maxItems')::numeric THEN
        RETURN format(': expected %s items or fewer', trunc((schema -> 'maxItems')::numeric));
    ELSIF schema -> 'uniqueItems' = 'true' AND many > 1
        AND (SELECT count(*) <> count(DISTINCT i.item) FROM jsonb_array_elements(value) AS i (item)) THEN
        RETURN ': expected items of which no two are equal';
    ELSIF schema ? 'items' AND schema -> 'items' <> 'true' THEN
        many := 0;
        FOR part IN SELECT i.item FROM jsonb_array_elements(value) AS i (item) LOOP
            found := nightbell.value_problem(schema -> 'items', part);
            IF found IS NOT NULL THEN
                RETURN nightbell.path_before('[' || many || ']', found);
            END IF;
            many := many + 1;
        END LOOP;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.combined_problem(schema jsonb, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    part jsonb;
    found text;
    fitting int := 0;
BEGIN
    IF schema ? 'allOf' THEN
        FOR part IN SELECT a.part FROM jsonb_array_elements(schema -> 'allOf') AS a (part) LOOP
            found := nightbell.value_problem(part, value);
            IF found IS NOT NULL THEN
                RETURN found;
            END IF;
        END LOOP;
    END IF;
    IF schema ? 'anyOf' AND NOT EXISTS (SELECT FROM jsonb_array_elements(schema -> 'anyOf') AS a (part)
                                        WHERE nightbell.value_problem(a.part, value) IS NULL) THEN
        RETURN format(': expected what fits one of the %s alternatives of anyOf', jsonb_array_length(schema -> 'anyOf'));
    END IF;
    IF schema ? 'oneOf' THEN
        SELECT count(*) INTO fitting FROM jsonb_array_elements(schema -> 'oneOf') AS a (part)
        WHERE nightbell.value_problem(a.part, value) IS NULL;
        IF fitting <> 1 THEN
            RETURN format(': expected what fits exactly one of the %s alternatives of oneOf, and %s fit',
                          jsonb_array_length(schema -> 'oneOf'), fitting);
        END IF;
    END IF;
    IF schema ? 'not' AND nightbell.value_problem(schema -> 'not', value) IS NULL THEN
        RETURN ': expected what "not" does not describe';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.value_problem(schema jsonb, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    kind text := jsonb_typeof(value);
    types jsonb;
    found text;
BEGIN
    IF jsonb_typeof(schema) = 'boolean' THEN
        RETURN CASE WHEN schema = 'false' THEN ': expected nothing here' END;
    END IF;
    types := schema -> 'type';
    IF types IS NOT NULL AND NOT types ? kind AND
       (kind <> 'number' OR NOT types ? 'integer' OR trunc(value::numeric) <> value::numeric) THEN
        RETURN format(': expected %s, found %s', nightbell.type_words(types),
                      CASE WHEN kind = 'number' AND types ? 'integer' THEN 'a fraction' WHEN kind = 'boolean' THEN value #>> '{}'
                           ELSE nightbell.type_words(to_jsonb(kind)) END);
    END IF;
    IF schema ? 'const' AND value <> schema -> 'const' THEN
        RETURN ': expected ' || nightbell.plain_text((schema -> 'const')::text, 60);
    END IF;
    IF schema ? 'enum' AND NOT EXISTS (SELECT FROM jsonb_array_elements(schema -> 'enum') AS e (one) WHERE e.one = value) THEN
        RETURN ': expected one of ' || nightbell.plain_text(left(substr((schema -> 'enum')::text, 2), -1), 120);
    END IF;
    found := CASE kind
        WHEN 'string' THEN nightbell.string_problem(schema, value #>> '{}')
        WHEN 'number' THEN nightbell.number_problem(schema, value::numeric)
        WHEN 'object' THEN nightbell.object_problem(schema, value)
        WHEN 'array' THEN nightbell.array_problem(schema, value) END;
    IF found IS NULL AND schema ?| '{allOf,anyOf,oneOf,not}' THEN
        found := nightbell.combined_problem(schema, value);
    END IF;
    RETURN found;
END
$$;

-- What is wrong with data of a type, in one line with path and expectation; NULL: nothing. Omitted data counts as an
-- empty object. Callers that have the type's row try data_accepts first, which costs a tenth (056_type_schemas.sql).
CREATE OR REPLACE FUNCTION nightbell.data_problem(type text, schema jsonb, data jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    found text := nightbell.value_problem(schema, coalesce(data, '{}'));
BEGIN
    RETURN 'data of ' || left(type, 100) || ' at $' || found;
END
$$;
