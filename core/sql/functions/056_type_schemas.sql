-- Checks the schema of a type when it is registered: an unknown keyword is refused, never ignored. Also compiles the
-- schema into a jsonpath that accepts most valid data within a microsecond.

-- The values that keywords take. Those after "format" do not constrain data.
CREATE OR REPLACE FUNCTION nightbell.schema_keywords() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{"type": "types", "required": "names", "properties": "members", "additionalProperties": "schema", "enum": "values",
    "const": "any", "minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
    "multipleOf": "step", "minLength": "count", "maxLength": "count", "pattern": "pattern", "items": "schema", "minItems": "count",
    "maxItems": "count", "uniqueItems": "boolean", "allOf": "schemas", "anyOf": "schemas", "oneOf": "schemas", "not": "schema",
    "format": "format",
    "$schema": "dialect", "$comment": "string", "title": "string", "description": "string", "default": "any", "examples": "array",
    "deprecated": "boolean", "readOnly": "boolean", "writeOnly": "boolean"}'::jsonb;

-- The length of an ARE with its repetitions written out: a measure of the cost of compiling it, which every session
-- pays.
CREATE OR REPLACE FUNCTION nightbell.pattern_weight(regex text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    token text;
    outer_weights numeric[] := '{}'; -- of the open groups
    weight numeric := 0;
    last numeric := 0;
    times numeric;
BEGIN
    FOR token IN
        SELECT m.t[1] FROM regexp_matches(regex, '(\\U.{8}|\\u.{4}|\\.|\[\^?(?:\\.|[^]\\])*\]|\(\?<?[:=!]|\{[0-9]+(?:,[0-9]*)?\}|.)', 'g') AS m (t)
    LOOP
        IF token ~ '^\(' THEN
            outer_weights := outer_weights || weight;
            weight := 0;
        ELSIF token = ')' AND outer_weights <> '{}' THEN
            last := weight;
            weight := outer_weights[cardinality(outer_weights)] + last;
            outer_weights := trim_array(outer_weights, 1);
        ELSIF token ~ '^\{' THEN
            times := greatest((regexp_match(token, '([0-9]+)[^0-9]*\}$'))[1]::numeric, 1);
            weight := weight + last * (times - 1);
            last := last * times;
        ELSIF token !~ '^[)*+?|^$]$' THEN
            last := 1;
            weight := weight + 1;
        END IF;
    END LOOP;
    RETURN weight;
END
$$;

-- What is wrong with a pattern; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.pattern_mistake(pattern text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    found record;
BEGIN
    IF char_length(pattern) > 1000 THEN
        RETURN 'has more than 1000 characters';
    END IF;
    found := nightbell.pattern_regex(pattern);
    IF found.problem IS NOT NULL THEN
        RETURN found.problem;
    ELSIF nightbell.pattern_weight(found.regex) > 2000 THEN
        RETURN 'stands for more than 2000 characters when its repetitions are written out';
    END IF;
    PERFORM '' ~ found.regex;
    RETURN NULL;
EXCEPTION WHEN invalid_regular_expression THEN
    RETURN 'cannot be used: ' || left(SQLERRM, 100);
END
$$;

-- What is wrong with the value of a keyword whose value is not a schema; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.keyword_mistake(takes text, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    kind text := jsonb_typeof(value);
    known_types CONSTANT text[] := '{string,number,integer,boolean,object,array,"null"}';
    expected text := CASE takes
        WHEN 'types' THEN 'one of ' || array_to_string(known_types, ', ') || ', or a list of them'
        WHEN 'names' THEN 'a list of strings, each once'
        WHEN 'values' THEN 'a list with one value or more'
        WHEN 'step' THEN 'a number above 0'
        WHEN 'count' THEN 'a whole number from 0 to 1000000000'
        WHEN 'pattern' THEN 'a string'
        WHEN 'format' THEN 'one of date, date-time, email, uri, uuid'
        WHEN 'dialect' THEN '"https://json-schema.org/draft/2020-12/schema"'
        WHEN 'boolean' THEN 'true or false'
        WHEN 'array' THEN 'a list'
        ELSE 'a ' || takes END;
    fine boolean;
BEGIN
    IF kind = 'array' AND takes IN ('types', 'names') THEN
        fine := NOT EXISTS (SELECT FROM jsonb_array_elements(value) AS v (one) WHERE jsonb_typeof(v.one) <> 'string'
                            OR takes = 'types' AND v.one #>> '{}' <> ALL (known_types))
            AND (SELECT count(*) = count(DISTINCT v.one) FROM jsonb_array_elements(value) AS v (one))
            AND (takes = 'names' OR value <> '[]');
    ELSE
        fine := CASE takes
            WHEN 'any' THEN true
            WHEN 'types' THEN kind = 'string' AND value #>> '{}' = ANY (known_types)
            WHEN 'values' THEN kind = 'array' AND value <> '[]'
            WHEN 'step' THEN kind = 'number' AND value > '0'
            WHEN 'count' THEN CASE WHEN kind = 'number'
                THEN value::numeric BETWEEN 0 AND 1000000000 AND trunc(value::numeric) = value::numeric END
            WHEN 'pattern' THEN kind = 'string'
            WHEN 'format' THEN kind = 'string' AND nightbell.fits_format(value #>> '{}', '') IS NOT NULL
            WHEN 'dialect' THEN value IN ('"https://json-schema.org/draft/2020-12/schema"',
                                          '"https://json-schema.org/draft/2020-12/schema#"')
            ELSE kind = takes END;
    END IF;
    IF NOT coalesce(fine, false) THEN
        RETURN ': expected ' || expected;
    ELSIF takes = 'pattern' THEN
        RETURN ': the pattern ' || nightbell.pattern_mistake(value #>> '{}');
    END IF;
    RETURN NULL;
END
$$;

-- What is wrong with a schema, with its path (".properties.amount.minimum: expected a number"); NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.schema_mistake(schema jsonb, depth int DEFAULT 1) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    keyword text;
    value jsonb;
    takes text;
    name text;
    part jsonb;
    found text;
BEGIN
    IF jsonb_typeof(schema) = 'boolean' THEN
        RETURN NULL;
    ELSIF jsonb_typeof(schema) <> 'object' THEN
        RETURN ': expected a schema: an object, true or false';
    ELSIF depth > 16 THEN
        RETURN ': schemas are nested more than 16 deep';
    END IF;
    FOR keyword, value IN SELECT k.key, k.value FROM jsonb_each(schema) AS k LOOP
        takes := nightbell.schema_keywords() ->> keyword;
        IF takes IS NULL THEN
            RETURN format(': unknown keyword "%s"', nightbell.plain_text(keyword, 40));
        ELSIF takes = 'schema' THEN
            found := nightbell.schema_mistake(value, depth + 1);
        ELSIF takes = 'members' AND jsonb_typeof(value) = 'object' THEN
            FOR name, part IN SELECT m.key, m.value FROM jsonb_each(value) AS m LOOP
                found := nightbell.schema_mistake(part, depth + 1);
                IF found IS NOT NULL THEN
                    found := nightbell.path_before(nightbell.path_step(name), found);
                    EXIT;
                END IF;
            END LOOP;
        ELSIF takes = 'schemas' AND jsonb_typeof(value) = 'array' AND value <> '[]' THEN
            FOR name, part IN SELECT '[' || s.n - 1 || ']', s.one FROM jsonb_array_elements(value) WITH ORDINALITY AS s (one, n) LOOP
                found := nightbell.schema_mistake(part, depth + 1);
                IF found IS NOT NULL THEN
                    found := nightbell.path_before(name, found);
                    EXIT;
                END IF;
            END LOOP;
        ELSIF takes IN ('members', 'schemas') THEN
            found := CASE takes WHEN 'members' THEN ': expected an object of schemas' ELSE ': expected a list of schemas' END;
        ELSE
            found := nightbell.keyword_mistake(takes, value);
        END IF;
        IF found IS NOT NULL THEN
            RETURN nightbell.path_before(nightbell.path_step(keyword), found);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- A jsonpath condition on the value at a path that is true only for values that the schema allows; NULL: no simple one
-- exists. It may be false or unknown for allowed values, so data_problem() decides those. Always in strict mode, which
-- does not unwrap arrays, and where a missing path makes the condition unknown.
CREATE OR REPLACE FUNCTION nightbell.accepting_string(schema jsonb, at text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    least int := coalesce((schema -> 'minLength')::numeric::int, 0);
    most int := coalesce((schema -> 'maxLength')::numeric::int, 1000000000);
    regexes text[] := '{}';
    dates CONSTANT text := '[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))';
BEGIN
    IF least = 1 THEN
        regexes := ARRAY[NULL::text];
    ELSIF least > 255 THEN
        RETURN NULL;
    ELSIF least > 1 THEN
        regexes := ARRAY['^.{' || least || '}'];
    END IF;
    IF most < 64 THEN -- counting characters is slow, so longer limits are left to accepting_size()
        regexes := regexes || ('^.{0,' || most || '}$');
    END IF;
    IF schema ? 'pattern' THEN
        regexes := regexes || (nightbell.pattern_regex(schema ->> 'pattern')).regex;
    END IF;
    IF schema ? 'format' THEN
        regexes := regexes || CASE schema ->> 'format'
            WHEN 'uuid' THEN '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$'
            WHEN 'date' THEN '^' || dates || '$'
            WHEN 'date-time' THEN '^' || dates || 'T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
            WHEN 'email' THEN '^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+[.-])*[A-Za-z0-9]+$'
            WHEN 'uri' THEN '^[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.-]+(:[0-9]*)?([/?][A-Za-z0-9._~!$&''()*+,;=:@/?-]*)?$' END;
    END IF;
    RETURN ARRAY(SELECT coalesce(at || ' like_regex ' || to_json(r.regex)::text || ' flag "s"', at || ' != ""')
                 FROM unnest(regexes) WITH ORDINALITY AS r (regex, n) ORDER BY r.n);
END
$$;

CREATE OR REPLACE FUNCTION nightbell.accepting_object(schema jsonb, at text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    known jsonb := coalesce(schema -> 'properties', '{}');
    needed jsonb := coalesce(schema -> 'required', '[]');
    others jsonb := coalesce(schema -> 'additionalProperties', 'true');
    conditions text[];
    name text;
    part text;
BEGIN
    conditions := ARRAY(SELECT format('exists(%s.%s)', at, to_json(r.name)) FROM jsonb_array_elements_text(needed) AS r (name));
    FOR name IN SELECT k.name FROM jsonb_object_keys(known) AS k (name) LOOP
        part := nightbell.accepting(known -> name, at || '.' || to_json(name)::text);
        IF NOT needed ? name THEN
            conditions := conditions || concat_ws(' || ', format('(exists(%s.%s)) is unknown', at, to_json(name)), part);
        ELSE
            conditions := conditions || part; -- NULL makes the whole result NULL
        END IF;
    END LOOP;
    IF others <> 'true' THEN
        part := CASE WHEN others <> 'false' THEN nightbell.accepting(others, '@.value') ELSE '1 == 0' END;
        conditions := conditions || format('!exists(%s.keyvalue() ? (%s))', at, concat_ws(' && ',
            (SELECT string_agg(format('@.key != %s', to_json(k.name)), ' && ') FROM jsonb_object_keys(known) AS k (name)),
            CASE WHEN part <> '1 == 0' THEN format('(!(%1$s) || (%1$s) is unknown)', part) ELSE '1 == 1' END));
        IF part IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    RETURN CASE WHEN array_position(conditions, NULL) IS NULL THEN conditions END;
END
$$;

-- The opposite, for oneOf and not: a condition that is true only for values that the schema forbids; '1 == 0' if there
-- is no simple one.
CREATE OR REPLACE FUNCTION nightbell.refusing(schema jsonb, at text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    types jsonb := CASE jsonb_typeof(schema -> 'type') WHEN 'string' THEN jsonb_build_array(schema -> 'type') ELSE schema -> 'type' END;
    conditions text[] := '{}';
    name text;
    part jsonb;
BEGIN
    IF jsonb_typeof(schema) = 'boolean' THEN
        RETURN CASE WHEN schema = 'true' THEN '1 == 0' ELSE '1 == 1' END;
    END IF;
    IF types IS NOT NULL THEN
        conditions := conditions || (
            SELECT string_agg(format(CASE t.name WHEN 'integer' THEN '(%1$s.type() != "number" || %1$s.floor() != %1$s)'
                                                 ELSE '%1$s.type() != "%2$s"' END, at, t.name), ' && ')
            FROM jsonb_array_elements_text(types) AS t (name));
    END IF;
    IF jsonb_typeof(coalesce(schema -> 'const', '[]')) NOT IN ('array', 'object') THEN
        conditions := conditions || format('%1$s.type() != "%2$s" || %1$s != %3$s', at, jsonb_typeof(schema -> 'const'), schema -> 'const');
    END IF;
    IF schema ? 'enum' AND NOT jsonb_path_exists(schema, 'strict $.enum[*] ? (@.type() == "object" || @.type() == "array")') THEN
        conditions := conditions || (
            SELECT string_agg(format('(%1$s.type() != "%2$s" || %1$s != %3$s)', at, jsonb_typeof(e.one), e.one), ' && ')
            FROM jsonb_array_elements(schema -> 'enum') AS e (one));
    END IF;
    conditions := conditions || ARRAY(
        SELECT format('%1$s.type() == "number" && %1$s %2$s %3$s', at, n.operator, (schema -> n.keyword)::numeric)
        FROM (VALUES ('minimum', '<'), ('maximum', '>'), ('exclusiveMinimum', '<='), ('exclusiveMaximum', '>=')) AS n (keyword, operator)
        WHERE schema ? n.keyword);
    IF schema ? 'required' THEN
        conditions := conditions || ARRAY(
            SELECT format('%1$s.type() == "object" && (exists(%1$s.%2$s)) is unknown', at, to_json(r.name))
            FROM jsonb_array_elements_text(schema -> 'required') AS r (name));
    END IF;
    IF schema ? 'properties' THEN
        FOR name, part IN SELECT p.key, p.value FROM jsonb_each(schema -> 'properties') AS p LOOP
            conditions := conditions || format('%1$s.type() == "object" && exists(%1$s.%2$s) && (%3$s)', at, to_json(name),
                                               nightbell.refusing(part, at || '.' || to_json(name)::text));
        END LOOP;
    END IF;
    IF schema ? 'allOf' THEN
        conditions := conditions || ARRAY(SELECT nightbell.refusing(a.part, at) FROM jsonb_array_elements(schema -> 'allOf') AS a (part));
    END IF;
    IF schema ? 'anyOf' THEN
        conditions := conditions || (SELECT '(' || string_agg(nightbell.refusing(a.part, at), ') && (') || ')'
                                     FROM jsonb_array_elements(schema -> 'anyOf') AS a (part));
    END IF;
    IF schema ? 'not' THEN
        conditions := conditions || coalesce(nightbell.accepting(schema -> 'not', at), '1 == 0');
    END IF;
    RETURN CASE WHEN conditions <> '{}' AND octet_length(array_to_string(conditions, '')) < 16384
        THEN '(' || array_to_string(conditions, ') || (') || ')' ELSE '1 == 0' END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.accepting(schema jsonb, at text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    types jsonb := CASE jsonb_typeof(schema -> 'type') WHEN 'string' THEN jsonb_build_array(schema -> 'type') ELSE schema -> 'type' END;
    conditions text[];
    group_conditions text[];
    part text;
    kind text;
BEGIN
    IF jsonb_typeof(schema) = 'boolean' THEN
        RETURN CASE WHEN schema = 'true' THEN '1 == 1' ELSE '1 == 0' END;
    ELSIF schema -> 'uniqueItems' = 'true' OR jsonb_typeof(schema -> 'const') IN ('object', 'array')
        OR schema ? 'enum' AND jsonb_path_exists(schema, 'strict $.enum[*] ? (@.type() == "object" || @.type() == "array")') THEN
        RETURN NULL;
    END IF;
    IF types IS NOT NULL THEN
        conditions := ARRAY[(
            SELECT string_agg(format(CASE t.name WHEN 'integer' THEN '%1$s.type() == "number" && %1$s.floor() == %1$s'
                                                 ELSE '%1$s.type() == "%2$s"' END, at, t.name), ' || ')
            FROM jsonb_array_elements_text(types) AS t (name))];
    END IF;
    IF schema ? 'const' THEN
        conditions := conditions || (at || ' == ' || (schema -> 'const'));
    END IF;
    IF schema ? 'enum' THEN
        conditions := conditions || (SELECT string_agg(at || ' == ' || e.one, ' || ') FROM jsonb_array_elements(schema -> 'enum') AS e (one));
    END IF;
    FOREACH kind IN ARRAY '{string,number,object,array}'::text[] LOOP
        group_conditions := CASE kind
            WHEN 'string' THEN nightbell.accepting_string(schema, at)
            WHEN 'object' THEN nightbell.accepting_object(schema, at)
            WHEN 'number' THEN ARRAY(
                SELECT format(n.condition, at, (schema -> n.keyword)::numeric)
                FROM (VALUES ('minimum', '%s >= %s'), ('maximum', '%s <= %s'), ('exclusiveMinimum', '%s > %s'),
                             ('exclusiveMaximum', '%s < %s'), ('multipleOf', '%s %% %s == 0')) AS n (keyword, condition)
                WHERE schema ? n.keyword)
            ELSE ARRAY(
                SELECT format(n.condition, at, trunc((schema -> n.keyword)::numeric))
                FROM (VALUES ('minItems', '%s.size() >= %s'), ('maxItems', '%s.size() <= %s')) AS n (keyword, condition)
                WHERE schema ? n.keyword) END;
        IF kind = 'array' AND schema ? 'items' AND schema -> 'items' <> 'true' THEN
            part := nightbell.accepting(schema -> 'items', '@');
            group_conditions := CASE WHEN part IS NOT NULL
                THEN group_conditions || format('!exists(%1$s[*] ? (!(%2$s) || (%2$s) is unknown))', at, part) END;
        END IF;
        IF group_conditions IS NULL THEN
            group_conditions := ARRAY['1 == 0']; -- undecided for this kind of value
        END IF;
        CONTINUE WHEN group_conditions = '{}';
        part := '(' || array_to_string(group_conditions, ') && (') || ')';
        conditions := conditions || CASE WHEN types IS NULL OR types <> jsonb_build_array(kind)
                                    AND types <> CASE kind WHEN 'number' THEN '["integer"]'::jsonb ELSE 'null' END
                                    THEN format('%s.type() != "%s" || (%s)', at, kind, part) ELSE part END;
    END LOOP;
    IF schema ? 'allOf' THEN
        conditions := conditions || ARRAY(SELECT nightbell.accepting(a.part, at) FROM jsonb_array_elements(schema -> 'allOf') AS a (part));
    END IF;
    IF schema ? 'anyOf' THEN
        conditions := conditions || (SELECT '(' || string_agg(nightbell.accepting(a.part, at), ') || (') || ')'
                                     FROM jsonb_array_elements(schema -> 'anyOf') AS a (part));
    END IF;
    IF schema ? 'oneOf' THEN -- one schema accepts, and all others certainly refuse
        conditions := conditions || (
            SELECT '(' || string_agg('(' || nightbell.accepting(a.part, at) || ')' || coalesce((
                SELECT string_agg(' && (' || nightbell.refusing(b.part, at) || ')', '')
                FROM jsonb_array_elements(schema -> 'oneOf') WITH ORDINALITY AS b (part, n) WHERE b.n <> a.n), ''), ') || (') || ')'
            FROM jsonb_array_elements(schema -> 'oneOf') WITH ORDINALITY AS a (part, n));
    END IF;
    IF schema ? 'not' THEN
        conditions := conditions || nightbell.refusing(schema -> 'not', at);
    END IF;
    IF conditions IS NULL THEN
        RETURN '1 == 1';
    ELSIF array_position(conditions, NULL) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN octet_length(array_to_string(conditions, '')) < 16384
        THEN '(' || array_to_string(conditions, ') && (') || ')' END;
END
$$;

-- A size in bytes up to which no text can exceed any maxLength that accepting() leaves out. The size of the data or of
-- its longest text is compared with it.
CREATE OR REPLACE FUNCTION nightbell.accepting_size(schema jsonb) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(least(min((m.most #>> '{}')::numeric), 16384), 16384)::int
        FROM jsonb_path_query(schema, 'strict $.**.maxLength ? (@.type() == "number" && @ >= 64)') AS m (most));

-- Whether no text in the written data has more bytes than that. May answer false when backslashes make it hard to tell.
CREATE OR REPLACE FUNCTION nightbell.texts_within(written text, most int) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    piece text;
BEGIN
    IF strpos(written, '\') > 0 THEN
        RETURN false;
    END IF;
    FOREACH piece IN ARRAY string_to_array(written, '"') LOOP -- without backslashes every second piece is a text
        IF octet_length(piece) > most THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

-- Applies to every writer of the table, also to a person in psql.
CREATE OR REPLACE FUNCTION nightbell.guard_type() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    found text;
BEGIN
    found := CASE WHEN octet_length(NEW.data_schema::text) > 32768 THEN ': it has more than 32768 bytes'
                  ELSE nightbell.schema_mistake(NEW.data_schema) END;
    IF found IS NULL AND NEW.data_schema ? 'type' AND NOT NEW.data_schema -> 'type' ? 'object' THEN
        found := '.type: expected object, which data always is';
    END IF;
    IF found IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.data_schema IS DISTINCT FROM OLD.data_schema) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('data_schema of %s at $%s', left(NEW.type, 100), found),
            HINT = CASE WHEN found LIKE '%: unknown keyword %' THEN 'Keywords are ' || (
                SELECT string_agg(k.name, ', ' ORDER BY k.name) FROM jsonb_object_keys(nightbell.schema_keywords()) AS k (name)) || '.'
                ELSE 'It is JSON Schema 2020-12; the documentation of types says which part of it.' END;
    END IF;
    NEW.data_accepts := CASE WHEN found IS NULL THEN ('strict ' || nightbell.accepting(NEW.data_schema, '$'))::jsonpath END;
    NEW.data_accepts_size := nightbell.accepting_size(NEW.data_schema);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON nightbell.notification_types
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_type();

-- Every upgrade compiles the schemas again.
UPDATE nightbell.notification_types SET data_accepts = NULL;
