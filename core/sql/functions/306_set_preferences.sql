-- Changes of what a person prefers. A change names only what it changes; several at once happen together or not at all.

-- ---- what is wrong with a change; NULL: nothing ----

-- A person's condition is evaluated for every app event that concerns them, so it may only compare members of the context
-- with fixed values: nothing that takes longer than to read the context. That of a window is held to the same (410_documents.sql).
CREATE OR REPLACE FUNCTION nightbell.threshold_problem(said text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    condition jsonpath;
    bare text;
BEGIN
    IF octet_length(said) > 1000 THEN
        RETURN 'expected at most 1000 bytes';
    END IF;
    condition := said::jsonpath;
    bare := regexp_replace(condition::text, '"(?:[^"\\]|\\.)*"', '""', 'g'); -- member names and strings: what they say does not matter
    IF bare !~ '(==|!=|<|>|starts with|exists)' THEN
        RETURN 'expected a condition such as $.amount > 1000';
    ELSIF bare !~ '^(strict |lax )?(\$(\."")*|""|-?[0-9][0-9.eE+-]*|true|false|null|==|!=|<=?|>=?|&&|\|\||!|[() ]|exists|starts with)+$'
        OR bare ~ '\$(\."")* *(==|!=|<=?|>=?) *\$' OR nightbell.names_variable(condition) THEN
        RETURN 'expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"';
    END IF;
    RETURN NULL;
EXCEPTION WHEN syntax_error OR data_exception OR program_limit_exceeded THEN
    RETURN 'expected a condition such as $.amount > 1000';
END
$$;

-- One of the switches: {type, module, channel, enabled}; enabled null takes the person's word back.
CREATE OR REPLACE FUNCTION nightbell.switch_problem(item jsonb, tenant uuid) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    for_type CONSTANT text := coalesce(item ->> 'type', '*');
    for_module CONSTANT text := coalesce(item ->> 'module', '*');
    takes_back CONSTANT boolean := coalesce(item -> 'enabled', 'null') = 'null';
BEGIN
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        RETURN 'expected an object';
    ELSIF jsonb_typeof(item -> 'channel') IS DISTINCT FROM 'string' OR item ->> 'channel' <> ALL (nightbell.all_channels()) THEN
        RETURN nightbell.unknown_channel(ARRAY[coalesce(item ->> 'channel', '')]);
    ELSIF NOT takes_back AND jsonb_typeof(item -> 'enabled') <> 'boolean' THEN
        RETURN 'enabled: expected true, false or null';
    ELSIF for_type <> '*' AND for_module <> '*' THEN
        RETURN 'a type has its module: name one of them';
    ELSIF char_length(for_type) > 100 OR char_length(for_module) > 100 THEN
        RETURN 'a name of more than 100 characters';
    ELSIF takes_back THEN
        RETURN nightbell.unknown_member(item, '{type,module,channel,enabled}'); -- an entry for a deleted type can be taken back, too
    ELSIF for_type <> '*' AND NOT EXISTS (SELECT FROM nightbell.notification_types t WHERE t.type = for_type AND t.type <> 'DIGEST') THEN
        RETURN format('there is no type "%s"', nightbell.plain_text(for_type, 100));
    ELSIF for_module <> '*' AND NOT EXISTS (SELECT FROM nightbell.notification_types t WHERE t.module = for_module)
        AND NOT EXISTS (SELECT FROM nightbell.rules r WHERE r.tenant_id = tenant AND r.module = for_module)
        AND NOT EXISTS (SELECT FROM nightbell.module_config m WHERE m.tenant_id = tenant AND m.module_code = for_module) THEN
        RETURN format('there is no module "%s"', nightbell.plain_text(for_module, 100));
    ELSIF item -> 'enabled' = 'false' AND item ->> 'channel' = 'in_app'
        AND EXISTS (SELECT FROM nightbell.notification_types t WHERE t.type = for_type AND NOT t.unsubscribable) THEN
        RETURN format('%s cannot be switched off in the inbox', for_type);
    END IF;
    RETURN nightbell.unknown_member(item, '{type,module,channel,enabled}');
END
$$;

CREATE OR REPLACE FUNCTION nightbell.time_of_day_problem(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(value) IS DISTINCT FROM 'string' OR value #>> '{}' !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
    THEN 'expected a time of day such as 22:00' END;

-- One of the settings: all members but the lists preferences and thresholds.
CREATE OR REPLACE FUNCTION nightbell.setting_problem(name text, value jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    days CONSTANT jsonb := '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]';
BEGIN
    CASE name
    WHEN 'quiet' THEN
        RETURN CASE WHEN value = 'null' THEN NULL
            WHEN jsonb_typeof(value) <> 'object' THEN 'expected null, or from and to'
            ELSE coalesce(nightbell.time_of_day_problem(value -> 'from'), nightbell.time_of_day_problem(value -> 'to'),
                CASE WHEN value -> 'from' = value -> 'to' THEN 'they would end when they begin' END, nightbell.unknown_member(value, '{from,to}')) END;
    WHEN 'quiet_days' THEN
        RETURN CASE WHEN value = 'null' THEN NULL
            WHEN jsonb_typeof(value) <> 'array' OR NOT days @> value THEN 'expected days of mon, tue, wed, thu, fri, sat, sun'
            WHEN value @> days THEN 'every day would be quiet for ever: switch channels off instead' END;
    WHEN 'dnd_until' THEN -- with room behind it: what is held leaves later still, and an error there would keep others from what they get
        BEGIN
            RETURN CASE WHEN value <> 'null' AND (jsonb_typeof(value) <> 'string' OR NOT isfinite((value #>> '{}')::timestamptz)
                                                  OR (value #>> '{}')::timestamptz >= '10000-01-01T00:00:00Z')
                THEN 'expected null or a time before the year 10000' END;
        EXCEPTION WHEN data_exception THEN
            RETURN 'expected null or a time before the year 10000';
        END;
    WHEN 'digest' THEN
        RETURN CASE WHEN value NOT IN ('"off"', '"hourly"', '"daily"') THEN 'expected off, hourly or daily' END;
    WHEN 'digest_at' THEN
        RETURN nightbell.time_of_day_problem(value);
    WHEN 'time_zone' THEN
        RETURN CASE WHEN value <> 'null' THEN nightbell.shape_problem(value, 'zone') END;
    WHEN 'locale' THEN
        RETURN CASE WHEN value <> 'null' AND (jsonb_typeof(value) <> 'string' OR value #>> '{}' !~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$'
            OR char_length(value #>> '{}') > 35) THEN 'expected a language such as lv or pt-BR' END;
    ELSE
        RETURN 'there is no such setting';
    END CASE;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.threshold_item_problem(item jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        RETURN 'expected an object';
    ELSIF char_length(coalesce(item ->> 'event_type', '*')) NOT BETWEEN 1 AND 100 OR char_length(coalesce(item ->> 'module', '*')) NOT BETWEEN 1 AND 100 THEN
        RETURN 'event_type and module: expected 1 to 100 characters';
    ELSIF coalesce(item -> 'condition', 'null') <> 'null' AND jsonb_typeof(item -> 'condition') <> 'string' THEN
        RETURN 'condition: expected null or a string';
    ELSIF item ? 'is_active' AND jsonb_typeof(item -> 'is_active') <> 'boolean' THEN
        RETURN 'is_active: expected true or false';
    END IF;
    RETURN coalesce(nightbell.threshold_problem(item ->> 'condition'), nightbell.unknown_member(item, '{event_type,module,condition,is_active}'));
END
$$;

-- The first problem of a change, with its place in front.
CREATE OR REPLACE FUNCTION nightbell.preferences_problem(changes jsonb, tenant uuid) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    most CONSTANT int := 1000;
    member record;
    problem text;
BEGIN
    IF jsonb_typeof(changes) IS DISTINCT FROM 'object' THEN
        RETURN 'the change is not a JSON object';
    END IF;
    FOR member IN SELECT m.key AS name, m.value FROM jsonb_each(changes) AS m LOOP
        IF member.name NOT IN ('preferences', 'thresholds') THEN
            problem := nightbell.setting_problem(member.name, member.value);
            IF problem IS NOT NULL THEN
                RETURN format('%s: %s', nightbell.plain_text(member.name, 40), problem);
            END IF;
        ELSIF jsonb_typeof(member.value) <> 'array' OR jsonb_array_length(member.value) > most THEN
            RETURN format('%s: expected a list of at most %s', member.name, most);
        ELSE
            SELECT f.problem INTO problem
            FROM (SELECT i.n, CASE member.name WHEN 'preferences' THEN nightbell.switch_problem(i.item, tenant)
                                               ELSE nightbell.threshold_item_problem(i.item) END AS problem
                  FROM jsonb_array_elements(member.value) WITH ORDINALITY AS i (item, n)) AS f
            WHERE f.problem IS NOT NULL ORDER BY f.n LIMIT 1;
            IF problem IS NOT NULL THEN
                RETURN CASE member.name WHEN 'preferences' THEN problem ELSE 'threshold: ' || problem END;
            END IF;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- ---- changing ----

-- The switches and thresholds of a change; a later one of the same key counts.
CREATE OR REPLACE FUNCTION nightbell.store_preference_lists(tenant uuid, "user" uuid, changes jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    item jsonb;
BEGIN
    FOR item IN SELECT i FROM jsonb_array_elements(changes -> 'preferences') AS i LOOP
        IF coalesce(item -> 'enabled', 'null') = 'null' THEN
            DELETE FROM nightbell.preferences p
            WHERE p.tenant_id = tenant AND p.user_id = "user" AND p.channel = item ->> 'channel'
                AND p.type = coalesce(item ->> 'type', '*') AND p.module = coalesce(item ->> 'module', '*');
        ELSE
            INSERT INTO nightbell.preferences AS p (tenant_id, user_id, channel, type, module, enabled)
            VALUES (tenant, "user", item ->> 'channel', coalesce(item ->> 'type', '*'), coalesce(item ->> 'module', '*'), (item -> 'enabled')::boolean)
            ON CONFLICT (tenant_id, user_id, channel, type, module) DO UPDATE SET enabled = excluded.enabled, changed_at = now()
                WHERE p.enabled <> excluded.enabled;
        END IF;
    END LOOP;
    FOR item IN SELECT i FROM jsonb_array_elements(changes -> 'thresholds') AS i LOOP
        IF item ->> 'condition' IS NULL THEN
            DELETE FROM nightbell.alert_thresholds t
            WHERE t.tenant_id = tenant AND t.user_id = "user" AND t.event_type = coalesce(item ->> 'event_type', '*')
                AND t.module = coalesce(item ->> 'module', '*');
        ELSE
            INSERT INTO nightbell.alert_thresholds (tenant_id, user_id, event_type, module, condition, is_active)
            VALUES (tenant, "user", coalesce(item ->> 'event_type', '*'), coalesce(item ->> 'module', '*'), (item ->> 'condition')::jsonpath,
                    coalesce((item -> 'is_active')::boolean, true))
            ON CONFLICT (tenant_id, user_id, event_type, module) DO UPDATE SET condition = excluded.condition, is_active = excluded.is_active;
        END IF;
    END LOOP;
    IF (SELECT count(*) FROM nightbell.preferences p WHERE p.tenant_id = tenant AND p.user_id = "user") > 2000
       OR (SELECT count(*) FROM nightbell.alert_thresholds t WHERE t.tenant_id = tenant AND t.user_id = "user") > 100 THEN
        PERFORM nightbell.refuse('54000', 'a person has at most 2000 preferences and 100 thresholds', NULL);
    END IF;
END
$$;

-- Changes preferences; for administrators also somebody's. changes: what preferences_of() tells, only the members that
-- change. version: the one that the changes were made upon; NULL: whatever it is now. Otherwise a change that somebody made
-- meanwhile (the same person in another console) is refused instead of being overwritten. Returns the new document.
CREATE OR REPLACE FUNCTION nightbell.set_preferences(changes jsonb, version bigint DEFAULT NULL, tenant text DEFAULT NULL, person text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    days CONSTANT text[] := '{mon,tue,wed,thu,fri,sat,sun}';
    whose record;
    problem text;
    written bigint;
BEGIN
    SELECT * INTO whose FROM nightbell.preferring(tenant, person);
    problem := nightbell.preferences_problem(changes, whose.tenant_id);
    IF problem IS NOT NULL THEN
        PERFORM nightbell.refuse('22023', problem, NULL);
    END IF;
    -- locks the person's row, so that concurrent changes of one person's preferences come one after the other
    INSERT INTO nightbell.user_settings AS s (tenant_id, user_id) VALUES (whose.tenant_id, whose.user_id)
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET version = s.version + 1
    RETURNING s.version INTO written;
    IF written <> set_preferences.version + 1 THEN
        PERFORM nightbell.refuse('40001', 'the preferences were changed meanwhile', 'Look at them again before you change them.');
    END IF;
    UPDATE nightbell.user_settings s SET
        quiet_from = CASE WHEN changes ? 'quiet' THEN (changes #>> '{quiet,from}')::time ELSE s.quiet_from END,
        quiet_to = CASE WHEN changes ? 'quiet' THEN (changes #>> '{quiet,to}')::time ELSE s.quiet_to END,
        quiet_days = CASE WHEN changes ? 'quiet_days' THEN ARRAY(SELECT DISTINCT array_position(days, d) FROM jsonb_array_elements_text(
            CASE jsonb_typeof(changes -> 'quiet_days') WHEN 'array' THEN changes -> 'quiet_days' END) AS d ORDER BY 1)::smallint[] ELSE s.quiet_days END,
        dnd_until = CASE WHEN changes ? 'dnd_until' THEN (changes ->> 'dnd_until')::timestamptz ELSE s.dnd_until END,
        digest = coalesce(changes ->> 'digest', s.digest),
        digest_at = coalesce((changes ->> 'digest_at')::time, s.digest_at),
        time_zone = CASE WHEN changes ? 'time_zone' THEN changes ->> 'time_zone' ELSE s.time_zone END,
        locale = CASE WHEN changes ? 'locale' THEN changes ->> 'locale' ELSE s.locale END
    WHERE s.tenant_id = whose.tenant_id AND s.user_id = whose.user_id;
    PERFORM nightbell.store_preference_lists(whose.tenant_id, whose.user_id, changes);
    IF changes ? 'preferences' THEN
        PERFORM nightbell.cancel_opted_out(whose.tenant_id, whose.user_id);
    END IF;
    IF changes ?| '{quiet,quiet_days,dnd_until,digest,digest_at,time_zone}' THEN
        PERFORM nightbell.time_held(whose.tenant_id, whose.user_id);
    END IF;
    RETURN nightbell.preferences_document(whose.tenant_id, whose.user_id);
END
$$;
