-- What the documents of event types, windows and heartbeats have in common: the shape of their members.

-- What is wrong with a recurrence rule (RFC 5545), as far as it shows without working it out; NULL: nothing. Only rules
-- that can be worked out in a bounded time: a day at the least, no lists of hours, minutes and seconds.
CREATE OR REPLACE FUNCTION nightbell.rrule_problem(rule text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    part text;
BEGIN
    IF octet_length(rule) > 512 THEN
        RETURN 'expected at most 512 characters';
    ELSIF rule !~ '^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)' THEN
        RETURN 'expected FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first, such as FREQ=WEEKLY;BYDAY=SU';
    END IF;
    FOREACH part IN ARRAY (string_to_array(rule, ';'))[2:] LOOP
        IF split_part(part, '=', 1) IN ('UNTIL', 'COUNT') THEN
            RETURN format('%s is not taken: until, beside the rule, says when it ends', split_part(part, '=', 1));
        ELSIF part !~ '^(INTERVAL=[1-9][0-9]{0,2}|WKST=(MO|TU|WE|TH|FR|SA|SU)|BYDAY=([+-]?[0-9]{0,2}(MO|TU|WE|TH|FR|SA|SU)(,|$))+|(BYMONTHDAY|BYMONTH|BYSETPOS|BYYEARDAY|BYWEEKNO)=([+-]?[0-9]{1,3}(,|$))+)$'
            OR part LIKE '%,' THEN
            RETURN format('"%s" is none of INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, BYYEARDAY, BYWEEKNO, WKST with its values', nightbell.plain_text(part, 40));
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- What a member of that kind must be, where the value is not; NULL: it is.
CREATE OR REPLACE FUNCTION nightbell.shape_problem(value jsonb, kind text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    said CONSTANT text := value #>> '{}';
BEGIN
    CASE kind
    WHEN 'boolean' THEN
        RETURN CASE WHEN jsonb_typeof(value) <> 'boolean' THEN 'expected true or false' END;
    WHEN 'number' THEN
        RETURN CASE WHEN jsonb_typeof(value) <> 'number' OR said !~ '^[0-9]{1,6}$' THEN 'expected a whole number' END;
    WHEN 'severities' THEN
        RETURN CASE WHEN jsonb_typeof(value) <> 'array' OR value = '[]' OR NOT '["low", "medium", "high", "critical"]' @> value
            THEN 'expected a list of low, medium, high, critical' END;
    ELSE
        IF jsonb_typeof(value) <> 'string' THEN
            RETURN 'expected a string';
        END IF;
    END CASE;
    RETURN CASE kind
        WHEN 'name' THEN CASE WHEN said !~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$'
            THEN 'expected at most 100 of A to Z, a to z, 0 to 9 and _ . : -, a letter or digit first' END
        WHEN 'slug' THEN CASE WHEN said !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
            THEN 'expected at most 100 of a to z, 0 to 9 and _ . -, a letter or digit first' END
        WHEN 'pattern' THEN CASE WHEN said !~ '^([^*[:cntrl:]]{1,100}|[^*[:cntrl:]]{0,99}\*)$'
            THEN 'expected a name of at most 100 characters, or the beginning of one with * behind it' END
        WHEN 'severity' THEN CASE WHEN nightbell.severity_rank(said) IS NULL THEN 'expected low, medium, high or critical' END
        WHEN 'behaviour' THEN CASE WHEN said NOT IN ('notices', 'escalation', 'events') THEN 'expected notices, escalation or events' END
        WHEN 'rrule' THEN nightbell.rrule_problem(said)
        WHEN 'zone' THEN CASE WHEN said <> 'UTC' AND said NOT IN (SELECT z.name FROM pg_catalog.pg_timezone_names z)
            THEN 'expected the name of a time zone, such as Europe/Berlin' END
        WHEN 'local' THEN CASE WHEN said !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$'
            THEN 'expected a time in the zone of time_zone, such as 2026-12-01T22:00' END
        -- no part of it is negative: a span within its bounds could still lead out of the range of times, P-100000M3000001D for instance
        WHEN 'interval' THEN CASE WHEN said !~ '^P[^-]+$' THEN 'expected a time span such as PT90M or P1DT12H' END
        -- asked of every event, also for what is done for all tenants together: nothing that takes longer than to read the details
        WHEN 'jsonpath' THEN nightbell.threshold_problem(said)
        ELSE CASE WHEN octet_length(said) NOT BETWEEN 1 AND 4000 OR said ~ '[\x01-\x09\x0b-\x1f\x7f]'
            THEN 'expected 1 to 4000 bytes, no control characters' END
        END;
END
$$;

-- What is wrong with a document, by the shape of its members: {"window": "name!", "until": "local"}, ! for those that
-- must be there. A member that is null is as good as left out. NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.document_problem(item jsonb, shape jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    member record;
    problem text;
BEGIN
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        RETURN 'the item is not a JSON object';
    END IF;
    FOR member IN SELECT s.key AS name, rtrim(s.value, '!') AS kind, s.value LIKE '%!' AS is_needed FROM jsonb_each_text(shape) AS s LOOP
        IF coalesce(item -> member.name, 'null') = 'null' THEN
            CONTINUE WHEN NOT member.is_needed;
            RETURN member.name || ': is missing';
        END IF;
        problem := nightbell.shape_problem(item -> member.name, member.kind);
        IF problem IS NOT NULL THEN
            RETURN member.name || ': ' || problem;
        END IF;
        BEGIN
            IF member.kind = 'interval' THEN
                PERFORM (item ->> member.name)::interval;
            ELSIF member.kind = 'local' THEN
                PERFORM (item ->> member.name)::timestamp;
            END IF;
        EXCEPTION WHEN data_exception OR syntax_error OR program_limit_exceeded OR undefined_function THEN
            RETURN format('%s: %s', member.name, SQLERRM);
        END;
    END LOOP;
    RETURN nightbell.unknown_member(item, ARRAY(SELECT jsonb_object_keys(shape)));
END
$$;

-- Refuses a document for one of its members.
CREATE OR REPLACE FUNCTION nightbell.refuse_member(problem text) RETURNS void
LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '%', problem USING ERRCODE = 'invalid_parameter_value'; END $$;

CREATE OR REPLACE FUNCTION nightbell.local_text(value timestamp) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(value, CASE WHEN date_part('second', value) = 0 THEN 'YYYY-MM-DD"T"HH24:MI' ELSE 'YYYY-MM-DD"T"HH24:MI:SS' END);
