-- Producing notifications: notify(), announce(), notify_many(), broadcast(). They run in the caller's transaction, as the
-- schema's owner; who may call them for whom is decided by producing(). Nothing is read back but the new ids.

-- Raises what a check has found.
CREATE OR REPLACE FUNCTION nightbell.refuse(sqlstate text, problem text, hint text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF hint IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = sqlstate, MESSAGE = problem;
    END IF;
    RAISE EXCEPTION USING ERRCODE = sqlstate, MESSAGE = problem, HINT = hint;
END
$$;

-- Whether a producer may produce for the tenant that it names (NULL: its own).
CREATE OR REPLACE FUNCTION nightbell.may_produce_for(producer nightbell.producer, named uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN named IS NULL OR producer.any_tenant OR named IS NOT DISTINCT FROM producer.tenant_id;

-- Everything that can be wrong with a notification, in the order in which a person would mend it. Fills in what the type and
-- the tenant say where the producer said nothing.
CREATE OR REPLACE FUNCTION nightbell.check_draft(producer nightbell.producer, INOUT d nightbell.draft, channels text[])
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    -- one look-up for tenant, user and type: each statement in here is paid for with every notification
    found record;
    at timestamptz := clock_timestamp();
BEGIN
    IF NOT nightbell.may_produce_for(producer, d.tenant_id) THEN
        d.sqlstate := '42501';
        d.problem := 'this session may produce for its own tenant only';
        d.hint := 'Leave the tenant out, or use a token of that tenant.';
        RETURN;
    END IF;
    d.tenant_id := coalesce(d.tenant_id, producer.tenant_id);
    SELECT t.id AS tenant, u.id AS "user", k.type, k.urgency, k.default_channels, k.restricted_to, k.ttl,
        k.data_schema, octet_length(d.data::text) AS size, coalesce(d.data, '{}') @@ k.data_accepts AS fits, k.data_accepts_size,
        coalesce((t.settings ->> 'dedup_window')::interval, '5 minutes') AS dedup_window
    INTO found
    FROM (VALUES (1)) AS one
    LEFT JOIN nightbell.tenants t ON t.id = d.tenant_id
    LEFT JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id AND u.deleted_at IS NULL
    LEFT JOIN nightbell.notification_types k ON k.type = d.type;
    IF found.tenant IS NULL OR found.type IS NULL OR found."user" IS DISTINCT FROM d.user_id THEN
        d.sqlstate := CASE WHEN d.tenant_id IS NULL THEN '22023' ELSE 'P0002' END;
        d.problem := CASE
            WHEN d.tenant_id IS NULL THEN 'no tenant is named, and this session has none of its own'
            WHEN found.tenant IS NULL THEN format('there is no tenant %s', d.tenant_id)
            WHEN found."user" IS DISTINCT FROM d.user_id THEN format('there is no user %s in the tenant', d.user_id)
            ELSE format('there is no notification type "%s"', left(d.type, 100)) END;
        d.hint := CASE
            WHEN d.tenant_id IS NULL THEN 'Name the tenant by its UUID.'
            WHEN found.tenant IS NOT NULL AND found.type IS NULL
                THEN 'nightbell.notification_types lists the types; the administrator adds new ones.' END;
        RETURN;
    ELSIF NOT found.restricted_to && producer.roles THEN
        d.sqlstate := '42501';
        d.problem := format('the type %s may be created by the roles %s only', d.type, array_to_string(found.restricted_to, ', '));
        d.hint := 'Use another type, or a login or token with one of these roles.';
        RETURN;
    END IF;

    d.urgency := coalesce(d.urgency, found.urgency);
    channels := coalesce(channels, found.default_channels);
    d.channel := CASE WHEN channels = '{}' OR 'in_app' = ANY (channels) THEN 'in_app' ELSE channels[1] END;
    d.expires_at := coalesce(d.expires_at, at + found.ttl);
    d.problem := CASE
        WHEN d.title IS NULL OR d.title = '' THEN 'the title is empty'
        WHEN octet_length(d.title) > 255 AND char_length(d.title) > 255 THEN
            format('the title has %s characters; at most 255 are allowed', char_length(d.title))
        WHEN position(E'\n' IN d.title) > 0 OR position(E'\r' IN d.title) > 0 THEN 'the title has more than one line'
        WHEN d.message IS NULL OR d.message = '' THEN 'the message is empty'
        WHEN octet_length(d.message) > 8192 THEN format('the message has %s bytes; at most 8192 are allowed', octet_length(d.message))
        WHEN jsonb_typeof(d.data) <> 'object' THEN format('data is a JSON %s; it must be an object', jsonb_typeof(d.data))
        WHEN found.size > 16384 THEN format('data has %s bytes; at most 16384 are allowed', found.size)
        WHEN found.fits IS NOT TRUE OR found.size > found.data_accepts_size THEN
            nightbell.data_problem(d.type, found.data_schema, d.data)
        WHEN octet_length(d.link) > 2048 THEN format('the link has %s bytes; at most 2048 are allowed', octet_length(d.link))
        WHEN d.link ~ '[[:cntrl:]]' THEN 'the link contains control characters'
        WHEN NOT channels <@ '{in_app,email,push,sms,webhook}' THEN 'a channel is none of in_app, email, push, sms, webhook'
        WHEN nightbell.urgency_rank(d.urgency) IS NULL THEN 'the urgency is none of low, normal, high, critical'
        WHEN d.expires_at <= at THEN 'expires_at is in the past'
        WHEN octet_length(d.dedup_key) NOT BETWEEN 1 AND 255 THEN 'the dedup key must have 1 to 255 bytes'
        WHEN d.actions IS NOT NULL THEN nightbell.check_actions(d.actions)
        END;
    IF d.problem IS NOT NULL THEN
        d.sqlstate := '22023';
        RETURN;
    END IF;

    IF found.dedup_window > interval '0' THEN
        d.dedup_until := at + found.dedup_window;
        d.digest := sha256(convert_to(CASE WHEN d.dedup_key IS NOT NULL THEN 'key:' || d.dedup_key
            ELSE 'content:' || jsonb_build_array(d.type, d.title, d.message, d.data)::text END, 'UTF8'));
    END IF;
END
$$;

-- Up to four buttons: [{"id": …, "label": …, "link": …}]. The text says what is wrong; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.check_actions(actions jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF jsonb_typeof(actions) <> 'array' OR jsonb_array_length(actions) > 4 THEN
        RETURN 'actions must be a list of at most four buttons';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_array_elements(actions) AS a
        WHERE jsonb_typeof(a) <> 'object'
            OR jsonb_typeof(a -> 'id') IS DISTINCT FROM 'string' OR a ->> 'id' !~ '^[A-Za-z0-9_.-]{1,64}$'
            OR jsonb_typeof(a -> 'label') IS DISTINCT FROM 'string' OR char_length(a ->> 'label') NOT BETWEEN 1 AND 64
            OR jsonb_typeof(a -> 'link') <> 'string' OR octet_length(a ->> 'link') > 2048 OR a ->> 'link' ~ '[[:cntrl:]]'
            OR a - '{id,label,link}'::text[] <> '{}')
        OR (SELECT count(*) <> count(DISTINCT a -> 'id') FROM jsonb_array_elements(actions) AS a) THEN
        RETURN 'an action must be {"id": …, "label": …, "link": …} with an id of its own';
    END IF;
    RETURN NULL;
END
$$;

-- Stores one draft, or finds the one that was stored within the window.
CREATE OR REPLACE FUNCTION nightbell.store_draft(d nightbell.draft) RETURNS uuid
LANGUAGE plpgsql
AS $$
DECLARE
    new_id uuid := nightbell.uuidv7();
    found_id uuid;
    recipient uuid := coalesce(d.user_id, '00000000-0000-0000-0000-000000000000');
BEGIN
    WHILE d.digest IS NOT NULL LOOP
        INSERT INTO nightbell.dedup_windows AS w (tenant_id, user_id, digest, notification_id, expires_at)
        VALUES (d.tenant_id, recipient, d.digest, new_id, d.dedup_until)
        ON CONFLICT (tenant_id, user_id, digest) DO UPDATE
            SET notification_id = excluded.notification_id, expires_at = excluded.expires_at
            WHERE w.expires_at <= clock_timestamp();
        EXIT WHEN FOUND;
        SELECT w.notification_id INTO found_id FROM nightbell.dedup_windows w
        WHERE w.tenant_id = d.tenant_id AND w.user_id = recipient AND w.digest = d.digest;
        IF FOUND THEN
            RETURN found_id;
        END IF; -- purged between the two: again
    END LOOP;
    IF d.user_id IS NULL THEN
        INSERT INTO nightbell.announcements (id, tenant_id, actor_id, type, title, message, data, link, actions, channel,
                                             urgency, dedup_key, expires_at)
        VALUES (new_id, d.tenant_id, d.actor_id, d.type, d.title, d.message, d.data, d.link, d.actions, d.channel,
                d.urgency, d.dedup_key, d.expires_at);
    ELSE
        INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, type, title, message, data, link, actions,
                                             channel, urgency, dedup_key, expires_at)
        VALUES (new_id, d.tenant_id, d.user_id, d.actor_id, d.type, d.title, d.message, d.data, d.link, d.actions,
                d.channel, d.urgency, d.dedup_key, d.expires_at);
    END IF;
    RETURN new_id;
END
$$;

-- Stores many drafts with one statement a table; the ids come back in the order of the drafts.
CREATE OR REPLACE FUNCTION nightbell.store_drafts(drafts nightbell.draft[]) RETURNS uuid[]
LANGUAGE plpgsql
AS $$
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    at timestamptz := nightbell.uuidv7_batch(cardinality(drafts));
    ids uuid[];
    final uuid[];
BEGIN
    -- a microsecond apart, so that the order of the ids is that of the drafts
    ids := ARRAY(SELECT nightbell.uuidv7_at(at + n * interval '1 microsecond') FROM generate_series(0, cardinality(drafts) - 1) AS n);

    -- in the order of the key: two batches at once then wait for each other, and do not deadlock
    INSERT INTO nightbell.dedup_windows AS w (tenant_id, user_id, digest, notification_id, expires_at)
    SELECT DISTINCT ON (d.tenant_id, coalesce(d.user_id, nobody), d.digest)
        d.tenant_id, coalesce(d.user_id, nobody), d.digest, ids[d.n], d.dedup_until
    FROM unnest(drafts) WITH ORDINALITY AS d (tenant_id, user_id, type, title, message, data, link, actions, actor_id, channel,
        urgency, expires_at, dedup_key, digest, dedup_until, sqlstate, problem, hint, n)
    WHERE d.digest IS NOT NULL
    ORDER BY d.tenant_id, coalesce(d.user_id, nobody), d.digest, d.n
    ON CONFLICT (tenant_id, user_id, digest) DO UPDATE
        SET notification_id = excluded.notification_id, expires_at = excluded.expires_at
        WHERE w.expires_at <= clock_timestamp();

    SELECT array_agg(CASE WHEN d.digest IS NULL THEN ids[d.n] ELSE w.notification_id END ORDER BY d.n) INTO final
    FROM unnest(drafts) WITH ORDINALITY AS d (tenant_id, user_id, type, title, message, data, link, actions, actor_id, channel,
        urgency, expires_at, dedup_key, digest, dedup_until, sqlstate, problem, hint, n)
    LEFT JOIN nightbell.dedup_windows w
        ON w.tenant_id = d.tenant_id AND w.user_id = coalesce(d.user_id, nobody) AND w.digest = d.digest;
    IF array_position(final, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a dedup window was purged in the very moment it was looked up'
            USING ERRCODE = 'serialization_failure', HINT = 'Try again.';
    END IF;

    INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, type, title, message, data, link, actions, channel,
                                         urgency, dedup_key, expires_at)
    SELECT ids[d.n], d.tenant_id, d.user_id, d.actor_id, d.type, d.title, d.message, d.data, d.link, d.actions, d.channel,
        d.urgency, d.dedup_key, d.expires_at
    FROM unnest(drafts) WITH ORDINALITY AS d (tenant_id, user_id, type, title, message, data, link, actions, actor_id, channel,
        urgency, expires_at, dedup_key, digest, dedup_until, sqlstate, problem, hint, n)
    WHERE d.user_id IS NOT NULL AND final[d.n] = ids[d.n];

    INSERT INTO nightbell.announcements (id, tenant_id, actor_id, type, title, message, data, link, actions, channel,
                                         urgency, dedup_key, expires_at)
    SELECT ids[d.n], d.tenant_id, d.actor_id, d.type, d.title, d.message, d.data, d.link, d.actions, d.channel,
        d.urgency, d.dedup_key, d.expires_at
    FROM unnest(drafts) WITH ORDINALITY AS d (tenant_id, user_id, type, title, message, data, link, actions, actor_id, channel,
        urgency, expires_at, dedup_key, digest, dedup_until, sqlstate, problem, hint, n)
    WHERE d.user_id IS NULL AND final[d.n] = ids[d.n];
    RETURN final;
END
$$;

-- A draft from a JSON object with the arguments of notify() as members. Never raises: what is wrong is in problem.
CREATE OR REPLACE FUNCTION nightbell.draft_from_item(producer nightbell.producer, item jsonb, is_announcement boolean)
RETURNS nightbell.draft
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    members CONSTANT text[] := '{tenant,user,type,title,message,data,link,actions,actor,channels,urgency,expires_at,dedup_key}';
    d nightbell.draft;
    channels text[];
BEGIN
    d.sqlstate := '22023';
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        d.problem := 'the item is not a JSON object';
        RETURN d;
    END IF;
    SELECT CASE
        WHEN k.key <> ALL (members) THEN format('unknown member "%s"', left(k.key, 100))
        WHEN k.key IN ('tenant', 'user', 'actor') AND k.value <> 'null' AND k.value #>> '{}' !~ uuid_pattern
            THEN format('%s must be a UUID', k.key)
        WHEN k.key IN ('type', 'title', 'message', 'link', 'urgency', 'expires_at', 'dedup_key')
            AND jsonb_typeof(k.value) NOT IN ('string', 'null') THEN format('%s must be a string', k.key)
        WHEN k.key = 'channels' AND k.value <> 'null' AND (jsonb_typeof(k.value) <> 'array'
            OR k.value::text !~ '^\[("[a-z_]+"(, )?)*\]$') THEN 'channels must be a list of channel names'
        END INTO d.problem
    FROM jsonb_each(item) AS k ORDER BY 1 NULLS LAST LIMIT 1;
    IF d.problem IS NOT NULL THEN
        d.hint := 'Members are ' || array_to_string(members, ', ') || '.';
        RETURN d;
    END IF;
    IF is_announcement AND item ->> 'user' IS NOT NULL THEN
        d.problem := 'an announcement is for the whole tenant: it has no user';
        RETURN d;
    ELSIF NOT is_announcement AND NOT item ? 'user' THEN
        d.problem := 'no user is named';
        d.hint := 'Name the user by its UUID; "user": null means everybody in the tenant.';
        RETURN d;
    END IF;

    d.tenant_id := item ->> 'tenant';
    d.user_id := item ->> 'user';
    d.type := item ->> 'type';
    d.title := item ->> 'title';
    d.message := item ->> 'message';
    d.data := nullif(item -> 'data', 'null');
    d.link := item ->> 'link';
    d.actions := nullif(item -> 'actions', 'null');
    d.actor_id := item ->> 'actor';
    d.urgency := item ->> 'urgency';
    d.dedup_key := item ->> 'dedup_key';
    IF jsonb_typeof(item -> 'channels') = 'array' THEN
        channels := translate(item ->> 'channels', '[]" ', '{}')::text[];
    END IF;
    IF item ->> 'expires_at' IS NOT NULL THEN
        BEGIN
            d.expires_at := item ->> 'expires_at';
        EXCEPTION WHEN OTHERS THEN
            d.problem := format('expires_at "%s" is not a time', left(item ->> 'expires_at', 60));
            d.hint := 'Write it like 2026-12-31T23:59:59Z.';
            RETURN d;
        END;
    END IF;
    d.sqlstate := NULL;
    RETURN nightbell.check_draft(producer, d, channels);
END
$$;

CREATE OR REPLACE FUNCTION nightbell.notify(tenant uuid, "user" uuid, type text, title text, message text,
    data jsonb DEFAULT NULL, link text DEFAULT NULL, actor uuid DEFAULT NULL, channels text[] DEFAULT NULL,
    urgency text DEFAULT NULL, expires_at timestamptz DEFAULT NULL, dedup_key text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    d nightbell.draft;
BEGIN
    d.tenant_id := tenant;
    d.user_id := "user";
    d.type := type;
    d.title := title;
    d.message := message;
    d.data := data;
    d.link := link;
    d.actor_id := actor;
    d.urgency := urgency;
    d.expires_at := expires_at;
    d.dedup_key := dedup_key;
    d := nightbell.check_draft(nightbell.producing(), d, channels);
    IF d.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(d.sqlstate, d.problem, d.hint);
    END IF;
    RETURN nightbell.store_draft(d);
END
$$;

-- One row for everybody in the tenant, now and later.
CREATE OR REPLACE FUNCTION nightbell.announce(tenant uuid, type text, title text, message text, data jsonb DEFAULT NULL,
    link text DEFAULT NULL, actor uuid DEFAULT NULL, urgency text DEFAULT NULL, expires_at timestamptz DEFAULT NULL,
    dedup_key text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    RETURN nightbell.notify(tenant, NULL, type, title, message, data, link, actor, NULL, urgency, expires_at, dedup_key);
END
$$;

-- All or nothing: the first bad item refuses the call. produce_many() reports item by item.
CREATE OR REPLACE FUNCTION nightbell.notify_many(items jsonb[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    producer nightbell.producer := nightbell.producing();
    drafts nightbell.draft[];
    bad record;
BEGIN
    drafts := ARRAY(SELECT nightbell.draft_from_item(producer, i.item, false)
                    FROM unnest(items) WITH ORDINALITY AS i (item, n) ORDER BY i.n);
    SELECT (d.draft).sqlstate, (d.draft).problem, (d.draft).hint, d.n INTO bad
    FROM (SELECT drafts[s] AS draft, s AS n FROM generate_subscripts(drafts, 1) AS s) AS d
    WHERE (d.draft).problem IS NOT NULL ORDER BY d.n LIMIT 1;
    IF FOUND THEN
        PERFORM nightbell.refuse(bad.sqlstate, format('item %s: %s', bad.n, bad.problem), bad.hint);
    END IF;
    IF cardinality(drafts) > 0 THEN
        RETURN QUERY SELECT unnest(nightbell.store_drafts(drafts));
    END IF;
END
$$;

-- A row for each recipient, with one statement; the count. recipient_type: role (a role's name), user (UUIDs, separated by
-- commas), group (name or UUID), tenant (recipient_value is not looked at). The same broadcast again within the dedup window
-- makes nothing and gives 0.
CREATE OR REPLACE FUNCTION nightbell.broadcast(tenant uuid, recipient_type text, recipient_value text, type text, title text,
    message text, data jsonb DEFAULT NULL, link text DEFAULT NULL, actor uuid DEFAULT NULL, urgency text DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    d nightbell.draft;
    people uuid[];
    chosen_group uuid;
    at timestamptz;
    made bigint;
BEGIN
    d.tenant_id := tenant;
    d.type := type;
    d.title := title;
    d.message := message;
    d.data := data;
    d.link := link;
    d.actor_id := actor;
    d.urgency := urgency;
    d.expires_at := expires_at;
    d := nightbell.check_draft(nightbell.producing(), d, NULL);
    IF d.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(d.sqlstate, d.problem, d.hint);
    END IF;
    CASE recipient_type
    WHEN 'tenant' THEN
        NULL;
    WHEN 'role' THEN
        IF recipient_value IS NULL OR recipient_value <> ALL ('{user,operator,producer,admin}') THEN
            PERFORM nightbell.refuse('22023', 'there is no such role', 'Roles are user, operator, producer, admin.');
        END IF;
    WHEN 'user' THEN
        IF recipient_value IS NULL OR recipient_value !~ '^\s*[0-9a-fA-F-]{36}(\s*,\s*[0-9a-fA-F-]{36})*\s*$' THEN
            PERFORM nightbell.refuse('22023', 'the recipients are not a list of user UUIDs', 'Separate them with commas.');
        END IF;
        people := regexp_split_to_array(btrim(recipient_value), '\s*,\s*')::uuid[];
    WHEN 'group' THEN
        SELECT g.id INTO chosen_group FROM nightbell.groups g
        WHERE g.tenant_id = d.tenant_id AND (lower(g.name) = lower(recipient_value) OR g.id::text = lower(recipient_value));
        IF NOT FOUND THEN
            PERFORM nightbell.refuse('P0002', format('there is no group "%s" in the tenant', left(recipient_value, 100)), NULL);
        END IF;
    ELSE
        PERFORM nightbell.refuse('22023', 'the recipient type is none of role, user, group, tenant', NULL);
    END CASE;

    IF d.digest IS NOT NULL THEN
        INSERT INTO nightbell.dedup_windows AS w (tenant_id, user_id, digest, notification_id, expires_at)
        VALUES (d.tenant_id, '00000000-0000-0000-0000-000000000000',
                sha256(convert_to(format('broadcast:%s:%s:', recipient_type, recipient_value), 'UTF8') || d.digest),
                NULL, d.dedup_until)
        ON CONFLICT (tenant_id, user_id, digest) DO UPDATE SET expires_at = excluded.expires_at
            WHERE w.expires_at <= clock_timestamp();
        IF NOT FOUND THEN
            RETURN 0;
        END IF;
    END IF;

    at := nightbell.uuidv7_batch(1);
    INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, type, title, message, data, link, channel, urgency,
                                         expires_at)
    SELECT nightbell.uuidv7_at(at + row_number() OVER () * interval '1 microsecond'), u.tenant_id, u.id, d.actor_id, d.type,
        d.title, d.message, d.data, d.link, d.channel, d.urgency, d.expires_at
    FROM nightbell.users u
    WHERE u.tenant_id = d.tenant_id AND u.deleted_at IS NULL AND CASE recipient_type
        WHEN 'tenant' THEN true
        WHEN 'user' THEN u.id = ANY (people)
        WHEN 'role' THEN (u.tenant_id, u.id) IN (SELECT r.tenant_id, r.user_id FROM nightbell.user_roles r
                                                 WHERE r.tenant_id = d.tenant_id AND r.role = recipient_value)
        ELSE (u.tenant_id, u.id) IN (SELECT m.tenant_id, m.user_id FROM nightbell.group_members m
                                     WHERE m.tenant_id = d.tenant_id AND m.group_id = chosen_group)
        END;
    GET DIAGNOSTICS made = ROW_COUNT;
    PERFORM nightbell.uuidv7_batch(made); -- later ids of the session are above these
    RETURN made;
END
$$;
