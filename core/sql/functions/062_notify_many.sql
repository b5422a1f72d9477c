-- Produces many notifications: notify_many(), broadcast(), and what produce_many() needs. A batch of any size is read,
-- checked, deduplicated, counted and stored by a handful of statements.

-- uuidv7_at() as a single expression, so that it is inlined. micros: microseconds since 1970.
CREATE OR REPLACE FUNCTION nightbell.uuidv7_of(micros bigint) RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(int8send((micros / 1000) << 16 | 28672 | (micros % 1000) * 4096 / 1000) || substr(uuid_send(gen_random_uuid()), 9), 'hex')::uuid;

-- Reads one item that is not plainly valid to draft_items(), and words its problem. Never raises an error.
CREATE OR REPLACE FUNCTION nightbell.draft_item(producer nightbell.producer, item jsonb, is_announcement boolean, n int, id uuid)
RETURNS nightbell.draft
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_variable
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    members CONSTANT text[] := '{tenant,user,type,title,message,data,link,actions,actor,channels,urgency,expires_at,dedup_key}';
    at CONSTANT timestamptz := clock_timestamp();
    d nightbell.draft;
    channels text[];
    found record;
BEGIN
    d.n := n;
    d.id := id;
    d.sqlstate := '22023';
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        d.problem := 'the item is not a JSON object';
        RETURN d;
    END IF;
    SELECT CASE
        WHEN k.key <> ALL (members) THEN format('unknown member "%s"', left(k.key, 100))
        WHEN k.key IN ('tenant', 'actor') AND k.value <> 'null' AND k.value #>> '{}' !~ uuid_pattern
            THEN format('%s must be a UUID', k.key)
        WHEN k.key IN ('user', 'type', 'title', 'message', 'link', 'urgency', 'expires_at', 'dedup_key')
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
        d.hint := 'Name the user by its name, address or UUID; "user": null means everybody in the tenant.';
        RETURN d;
    END IF;

    d.tenant_id := coalesce((item ->> 'tenant')::uuid, producer.tenant_id);
    IF item ->> 'user' ~ uuid_pattern THEN
        d.user_id := item ->> 'user';
    ELSIF item ->> 'user' IS NOT NULL AND nightbell.may_produce_for(producer, (item ->> 'tenant')::uuid) THEN
        SELECT p.id, p.problem INTO d.user_id, d.problem FROM nightbell.person_of(d.tenant_id, item ->> 'user') AS p;
        IF d.problem IS NOT NULL THEN
            d.sqlstate := 'P0002';
            RETURN d;
        END IF;
    END IF;
    d.type := item ->> 'type';
    d.title := item ->> 'title';
    d.message := item ->> 'message';
    d.data := nullif(item -> 'data', 'null');
    d.link := item ->> 'link';
    d.actions := nullif(item -> 'actions', 'null');
    d.actor_id := item ->> 'actor';
    d.dedup_key := item ->> 'dedup_key';
    IF item ->> 'expires_at' IS NOT NULL THEN
        BEGIN
            d.expires_at := item ->> 'expires_at';
        EXCEPTION WHEN OTHERS THEN
            d.problem := format('expires_at "%s" is not a time', left(item ->> 'expires_at', 60));
            d.hint := 'Write it like 2026-12-31T23:59:59Z.';
            RETURN d;
        END;
    END IF;
    SELECT r.sqlstate, r.problem, r.hint INTO d.sqlstate, d.problem, d.hint
    FROM nightbell.recipient_problem(producer, (item ->> 'tenant')::uuid, d.user_id, d.type) AS r;
    IF d.problem IS NOT NULL THEN
        RETURN d;
    END IF;
    SELECT k.urgency, k.default_channels, k.ttl, k.data_schema,
        coalesce((t.settings ->> 'dedup_window')::interval, '5 minutes') AS span, coalesce((t.settings ->> 'rate_limit')::int, 10) AS rate
    INTO found
    FROM nightbell.tenants t, nightbell.notification_types k WHERE t.id = d.tenant_id AND k.type = d.type;
    d.urgency := coalesce(item ->> 'urgency', found.urgency);
    channels := CASE WHEN jsonb_typeof(item -> 'channels') = 'array' THEN translate(item ->> 'channels', '[]" ', '{}')::text[]
                ELSE found.default_channels END;
    d.channel := CASE WHEN channels = '{}' OR 'in_app' = ANY (channels) THEN 'in_app' ELSE channels[1] END;
    d.outside := nightbell.outside_channels(channels);
    d.expires_at := coalesce(d.expires_at, at + found.ttl);
    d.problem := nightbell.draft_problem(d.title, d.message, d.data, d.data::text, d.link, d.actions, channels, d.urgency,
                                         d.expires_at, at, d.dedup_key);
    IF d.problem IS NULL THEN
        d.problem := nightbell.data_problem(d.type, found.data_schema, d.data);
    END IF;
    IF d.problem IS NOT NULL THEN
        d.sqlstate := '22023';
        RETURN d;
    END IF;
    IF found.span > interval '0' THEN
        d.dedup_until := at + found.span;
        d.digest := nightbell.dedup_digest(d.user_id, d.dedup_key, d.type, d.title, d.message, d.data::text);
    END IF;
    d.rate_limit := CASE WHEN found.rate > 0 AND d.urgency <> 'critical' AND d.user_id IS NOT NULL THEN found.rate END;
    RETURN d;
END
$$;

-- Drafts from JSON objects whose members are the arguments of notify(), in order. One statement reads the plainly valid
-- ones; the others go to draft_item(). Never raises an error: problem says what is wrong.
CREATE OR REPLACE FUNCTION nightbell.draft_items(producer nightbell.producer, items jsonb[], is_announcement boolean)
RETURNS nightbell.draft[]
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    members CONSTANT text[] := '{tenant,user,type,title,message,data,link,actions,actor,channels,urgency,dedup_key}';
    form CONSTANT text := '________-____-____-____-____________'; -- with `digits`: a UUID in its usual form
    digits CONSTANT text := '^[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+$';
    at CONSTANT timestamptz := clock_timestamp();
    -- ids are a microsecond apart, in the order of the items
    first CONSTANT bigint := round(date_part('epoch', nightbell.uuidv7_batch(cardinality(items))) * 1000000) - 1;
BEGIN
    RETURN ARRAY(
        SELECT CASE WHEN w.plain AND w.may AND w.problem IS NULL THEN ROW(
                w.n, nightbell.uuidv7_of(first + w.n), w.tenant, w."user", w.type, w.title, w.message, w.data, w.link, w.actions,
                w.actor, CASE WHEN w.channels = '{}' OR 'in_app' = ANY (w.channels) THEN 'in_app' ELSE w.channels[1] END,
                w.urgency, at + w.ttl, w.dedup_key,
                CASE WHEN w.span > interval '0'
                    THEN nightbell.dedup_digest(w."user", w.dedup_key, w.type, w.title, w.message, w.written) END,
                at + w.span, CASE WHEN w.rate > 0 AND w.urgency <> 'critical' AND w."user" IS NOT NULL THEN w.rate END,
                NULL, NULL, NULL, CASE WHEN w.channels <> '{in_app}' THEN nightbell.outside_channels(w.channels) END)::nightbell.draft
            ELSE nightbell.draft_item(producer, w.item, is_announcement, w.n, nightbell.uuidv7_of(first + w.n)) END
        FROM (
            SELECT c.*, k.ttl, t.span, t.rate, k.channels, k.urgency,
                t.id IS NOT NULL AND k.type IS NOT NULL AND (c."user" IS NULL OR u.id IS NOT NULL)
                    AND (NOT k.restricted_to && producer.roles) IS NOT TRUE
                    AND nightbell.may_produce_for(producer, c.named) AS may,
                CASE WHEN c.plain THEN coalesce(
                    nightbell.draft_problem(c.title, c.message, c.data, c.written, c.link, c.actions, k.channels, k.urgency, NULL, at,
                                            c.dedup_key),
                    CASE WHEN coalesce(c.data, '{}') @@ k.data_accepts AND coalesce(octet_length(c.written) <= k.data_accepts_size
                        OR nightbell.texts_within(c.written, k.data_accepts_size), true)
                        THEN NULL ELSE nightbell.data_problem(c.type, k.data_schema, c.data) END) END AS problem
            FROM (
                SELECT s.n, s.item, s.plain, s.type, s.title, s.message, s.link, s.dedup_key, s.urgency AS said_urgency,
                    s.data, s.data::text AS written, s.actions,
                    CASE WHEN s.plain THEN s."user"::uuid END AS "user",
                    CASE WHEN s.plain THEN s.tenant::uuid END AS named,
                    CASE WHEN s.plain THEN coalesce(s.tenant::uuid, producer.tenant_id) END AS tenant,
                    CASE WHEN s.plain THEN s.actor::uuid END AS actor,
                    CASE WHEN s.plain AND s.channels <> 'null' THEN translate(s.channels::text, '[]" ', '{}')::text[] END AS said_channels
                FROM (
                    SELECT m.n::int AS n, m.item, m."user", m.tenant, m.actor, m.type, m.title, m.message, m.link, m.dedup_key, m.urgency,
                        nullif(m.item -> 'data', 'null') AS data, nullif(m.item -> 'actions', 'null') AS actions, m.channels,
                        coalesce(jsonb_typeof(m.item) = 'object' AND m.item - members = '{}'
                            AND CASE WHEN is_announcement THEN m."user" IS NULL ELSE m.item ? 'user' END
                            AND (m."user" IS NULL OR m."user" LIKE form AND m."user" ~ digits)
                            AND (m.tenant IS NULL OR m.tenant LIKE form AND m.tenant ~ digits)
                            AND (m.actor IS NULL OR m.actor LIKE form AND m.actor ~ digits)
                            AND jsonb_typeof(m.item -> 'type') = 'string' AND jsonb_typeof(m.item -> 'title') = 'string'
                            AND jsonb_typeof(m.item -> 'message') = 'string'
                            AND (m.link IS NULL OR jsonb_typeof(m.item -> 'link') = 'string')
                            AND (m.urgency IS NULL OR jsonb_typeof(m.item -> 'urgency') = 'string')
                            AND (m.dedup_key IS NULL OR jsonb_typeof(m.item -> 'dedup_key') = 'string')
                            AND (m.channels IS NULL OR m.channels = 'null' OR m.channels::text ~ '^\[("[a-z_]+"(, )?)*\]$'),
                            false) AS plain
                    FROM (SELECT i.item, i.n, i.item ->> 'user' AS "user", i.item ->> 'tenant' AS tenant, i.item ->> 'actor' AS actor,
                              i.item ->> 'type' AS type, i.item ->> 'title' AS title, i.item ->> 'message' AS message,
                              i.item ->> 'link' AS link, i.item ->> 'urgency' AS urgency, i.item ->> 'dedup_key' AS dedup_key,
                              i.item -> 'channels' AS channels
                          FROM unnest(items) WITH ORDINALITY AS i (item, n) OFFSET 0) AS m
                    OFFSET 0) AS s
                OFFSET 0) AS c
            LEFT JOIN LATERAL (
                SELECT t.id, coalesce((t.settings ->> 'dedup_window')::interval, '5 minutes') AS span,
                    coalesce((t.settings ->> 'rate_limit')::int, 10) AS rate
                FROM nightbell.tenants t WHERE t.id = c.tenant) AS t ON true
            LEFT JOIN nightbell.users u ON u.tenant_id = c.tenant AND u.id = c."user" AND u.deleted_at IS NULL
            LEFT JOIN LATERAL (
                SELECT k.type, k.ttl, k.restricted_to, k.data_schema, k.data_accepts, k.data_accepts_size, coalesce(c.said_urgency, k.urgency::text) AS urgency,
                    coalesce(c.said_channels, k.default_channels) AS channels
                FROM nightbell.notification_types k WHERE k.type = c.type) AS k ON true
            OFFSET 0) AS w
        ORDER BY w.n);
END
$$;

-- A slot for each draft that needs one, in their order; NULL for the others, negative: silent (see take_slots()).
CREATE OR REPLACE FUNCTION nightbell.draft_slots(drafts nightbell.draft[]) RETURNS smallint[]
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off -- a partition may be empty when the plan is made and fill while the plan is used
SET jit = off
AS $$
DECLARE
    since CONSTANT uuid := nightbell.uuidv7_floor(clock_timestamp() - interval '1 minute');
    until CONSTANT uuid := nightbell.uuidv7_floor(clock_timestamp() + interval '1 hour');
    slots smallint[];
    look text;
    again record;
BEGIN
    SELECT array_agg(p.slot ORDER BY g.place), min(p.look) INTO slots, look
    FROM generate_series(1, cardinality(drafts)) AS g (place)
    LEFT JOIN (
        SELECT p.place, coalesce(p.slot, -1) AS slot, pg_current_snapshot()::text AS look
        FROM (
            SELECT a.places, CASE WHEN u.rows < 64 THEN nightbell.take_slots(a.tenant_id, a.user_id, a.rate, u.used, a.wanted)
                ELSE nightbell.claim_slots(a.tenant_id, a.user_id, a.rate, a.wanted) END AS slots
            FROM (SELECT d.tenant_id, d.user_id, min(d.rate_limit) AS rate, count(*)::int AS wanted, array_agg(d.place ORDER BY d.place) AS places
                  FROM (SELECT (d.draft).tenant_id, (d.draft).user_id, (d.draft).rate_limit, d.place
                        FROM (SELECT drafts[s] AS draft, s AS place FROM generate_subscripts(drafts, 1) AS s) AS d) AS d
                  WHERE d.rate_limit IS NOT NULL GROUP BY d.tenant_id, d.user_id) AS a
            CROSS JOIN LATERAL (
                SELECT count(*) AS rows, array_agg(r.rate_slot) FILTER (WHERE r.rate_slot >= 0) AS used
                FROM (SELECT n.rate_slot FROM nightbell.notifications n
                      WHERE n.tenant_id = a.tenant_id AND n.user_id = a.user_id AND n.id > since AND n.id < until LIMIT 64) AS r) AS u
            OFFSET 0) AS s
        CROSS JOIN LATERAL unnest(s.places, s.slots) AS p (place, slot)
        WHERE p.place IS NOT NULL) AS p USING (place);
    -- If others have committed since that look, the rows of earlier slot holders may be visible only now.
    IF look <> pg_current_snapshot()::text THEN
        FOR again IN
            SELECT a.tenant_id, a.user_id, a.rate, a.places
            FROM (SELECT d.tenant_id, d.user_id, min(d.rate_limit) AS rate, array_agg(d.place) AS places, array_agg(slots[d.place]) AS taken
                  FROM (SELECT (d.draft).tenant_id, (d.draft).user_id, (d.draft).rate_limit, d.place
                        FROM (SELECT drafts[s] AS draft, s AS place FROM generate_subscripts(drafts, 1) AS s) AS d) AS d
                  WHERE d.rate_limit IS NOT NULL AND slots[d.place] >= 0 GROUP BY d.tenant_id, d.user_id) AS a
            WHERE EXISTS (SELECT FROM nightbell.notifications n
                          WHERE n.tenant_id = a.tenant_id AND n.user_id = a.user_id AND n.id > since AND n.id < until
                              AND n.rate_slot = ANY (a.taken))
        LOOP
            DECLARE
                claimed smallint[] := nightbell.claim_slots(again.tenant_id, again.user_id, again.rate, cardinality(again.places));
            BEGIN
                FOR i IN 1 .. cardinality(claimed) LOOP
                    slots[again.places[i]] := claimed[i];
                END LOOP;
            END;
        END LOOP;
    END IF;
    RETURN slots;
END
$$;

-- Stores many drafts with one statement per table. Returns the ids in the order of the drafts: a repetition gets the id
-- of the first one within the window.
CREATE OR REPLACE FUNCTION nightbell.store_drafts(drafts nightbell.draft[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    ids uuid[];
    opened bigint;
    wanted bigint;
    slots smallint[];
BEGIN
    SELECT array_agg(d.id ORDER BY d.place), count(d.digest) INTO ids, wanted
    FROM (SELECT (d.draft).id, (d.draft).digest, d.place
          FROM (SELECT drafts[s] AS draft, s AS place FROM generate_subscripts(drafts, 1) AS s) AS d) AS d;
    IF wanted > 0 THEN
        -- in the order of the key, so that concurrent batches wait for each other instead of deadlocking
        INSERT INTO nightbell.dedup_windows AS w (tenant_id, digest, notification_id, expires_at)
        SELECT DISTINCT ON (d.tenant_id, d.digest) d.tenant_id, d.digest, d.id, d.dedup_until
        FROM unnest(drafts) AS d
        WHERE d.digest IS NOT NULL
        ORDER BY d.tenant_id, d.digest, d.n
        ON CONFLICT ON CONSTRAINT dedup_windows_pkey DO UPDATE
            SET notification_id = excluded.notification_id, expires_at = excluded.expires_at
            WHERE w.expires_at <= clock_timestamp();
        GET DIAGNOSTICS opened = ROW_COUNT;
        IF opened < wanted THEN
            SELECT array_agg(CASE WHEN d.digest IS NULL THEN d.id ELSE w.notification_id END ORDER BY d.place) INTO ids
            FROM (SELECT (d.draft).id, (d.draft).tenant_id, (d.draft).digest, d.place
                  FROM (SELECT drafts[s] AS draft, s AS place FROM generate_subscripts(drafts, 1) AS s) AS d) AS d
            LEFT JOIN nightbell.dedup_windows w ON w.tenant_id = d.tenant_id AND w.digest = d.digest;
            IF array_position(ids, NULL) IS NOT NULL THEN
                RAISE EXCEPTION 'a dedup window was purged in the very moment it was looked up'
                    USING ERRCODE = 'serialization_failure', HINT = 'Try again.';
            END IF;
            drafts := ARRAY(SELECT drafts[s] FROM generate_subscripts(drafts, 1) AS s WHERE (drafts[s]).id = ids[s] ORDER BY s);
        END IF;
    END IF;

    IF EXISTS (SELECT FROM unnest(drafts) AS d WHERE d.rate_limit IS NOT NULL) THEN
        slots := nightbell.draft_slots(drafts);
    END IF;
    INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, actor_name, type, title, message, data, link, actions,
                                         channel, urgency, dedup_key, expires_at, silent, rate_slot)
    SELECT d.id, d.tenant_id, d.user_id, d.actor_id,
        (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = d.tenant_id AND u.id = d.actor_id),
        d.type, d.title, d.message, d.data, d.link, d.actions, d.channel, d.urgency, d.dedup_key, d.expires_at,
        coalesce(slots[d.place] < 0, false), slots[d.place]
    FROM unnest(drafts) WITH ORDINALITY AS d (n, id, tenant_id, user_id, type, title, message, data, link, actions, actor_id,
        channel, urgency, expires_at, dedup_key, digest, dedup_until, rate_limit, sqlstate, problem, hint, outside, place)
    WHERE d.user_id IS NOT NULL;
    PERFORM nightbell.notify_outside(d.tenant_id, ARRAY[d.user_id], ARRAY[d.id], d.type, d.outside, d.urgency)
    FROM unnest(drafts) AS d WHERE d.outside IS NOT NULL AND d.user_id IS NOT NULL ORDER BY d.n;
    IF EXISTS (SELECT FROM unnest(drafts) AS d WHERE d.user_id IS NULL) THEN
        INSERT INTO nightbell.announcements (id, tenant_id, actor_id, actor_name, type, title, message, data, link, actions,
                                             channel, urgency, dedup_key, expires_at)
        SELECT d.id, d.tenant_id, d.actor_id,
            (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = d.tenant_id AND u.id = d.actor_id),
            d.type, d.title, d.message, d.data, d.link, d.actions, d.channel, d.urgency, d.dedup_key, d.expires_at
        FROM unnest(drafts) AS d WHERE d.user_id IS NULL;
    END IF;
    RETURN ids;
END
$$;

-- All or nothing: the first bad item refuses the call. produce_many() reports item by item.
CREATE OR REPLACE FUNCTION nightbell.notify_many(items jsonb[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    drafts nightbell.draft[];
    bad record;
BEGIN
    drafts := nightbell.draft_items(nightbell.producing(), items, false);
    SELECT d.sqlstate, d.problem, d.hint, d.n INTO bad
    FROM unnest(drafts) AS d WHERE d.problem IS NOT NULL ORDER BY d.n LIMIT 1;
    IF FOUND THEN
        PERFORM nightbell.refuse(bad.sqlstate, format('item %s: %s', bad.n, bad.problem), bad.hint);
    END IF;
    IF cardinality(drafts) > 0 THEN
        RETURN QUERY SELECT unnest(nightbell.store_drafts(drafts));
    END IF;
END
$$;

-- Stores a row for each recipient; returns their number. recipient_type: role (a role's name), user (UUIDs, separated
-- by commas), group (name or UUID), tenant (recipient_value is ignored). A repetition within the dedup window stores
-- nothing and returns 0. Rows are stored in chunks, which bounds the server's queue of trigger events, in the order of
-- the indexes.
CREATE OR REPLACE FUNCTION nightbell.broadcast(tenant uuid, recipient_type text, recipient_value text, type text, title text,
    message text, data jsonb DEFAULT NULL, link text DEFAULT NULL, actor uuid DEFAULT NULL, urgency text DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off -- a partition may be empty when the plan is made and fill while the plan is used
SET jit = off
AS $$
DECLARE
    chunk CONSTANT int := 20000;
    at_once CONSTANT int := 200; -- recipients of an app event that leaves by outside channels
    d nightbell.draft;
    people uuid[];
    chosen_group uuid;
    since uuid;
    until uuid;
    latest uuid := '00000000-0000-0000-0000-000000000000'; -- nobody
    first bigint;
    step bigint;
    made bigint := 0;
    acting text;
BEGIN
    d := nightbell.draft_item(nightbell.producing(), jsonb_strip_nulls(jsonb_build_object('tenant', tenant, 'type', type, 'title', title,
        'message', message, 'link', link, 'actor', actor, 'urgency', urgency)) || jsonb_build_object('user', NULL, 'data', data,
        'expires_at', expires_at), true, 1, NULL);
    IF d.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(d.sqlstate, d.problem, d.hint);
    END IF;
    acting := (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = d.tenant_id AND u.id = d.actor_id);
    d.rate_limit := (SELECT coalesce((t.settings ->> 'rate_limit')::int, 10) FROM nightbell.tenants t WHERE t.id = d.tenant_id);
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
        INSERT INTO nightbell.dedup_windows AS w (tenant_id, digest, notification_id, expires_at)
        VALUES (d.tenant_id, nightbell.dedup_digest(NULL, format('broadcast:%s:%s:%s', recipient_type, recipient_value, d.digest),
                                                    NULL, NULL, NULL, NULL), NULL, d.dedup_until)
        ON CONFLICT ON CONSTRAINT dedup_windows_pkey DO UPDATE SET expires_at = excluded.expires_at
            WHERE w.expires_at <= clock_timestamp();
        IF NOT FOUND THEN
            RETURN 0;
        END IF;
    END IF;

    LOOP
        first := round(date_part('epoch', nightbell.uuidv7_batch(chunk)) * 1000000) - 1;
        since := nightbell.uuidv7_floor(clock_timestamp() - interval '1 minute');
        until := nightbell.uuidv7_floor(clock_timestamp() + interval '1 hour');
        WITH recipients AS MATERIALIZED (
            SELECT u.id, row_number() OVER (ORDER BY u.id) AS n
            FROM nightbell.users u
            WHERE u.tenant_id = d.tenant_id AND u.id > latest AND u.deleted_at IS NULL AND CASE recipient_type
                WHEN 'tenant' THEN true
                WHEN 'user' THEN u.id = ANY (people)
                WHEN 'role' THEN EXISTS (SELECT FROM nightbell.user_roles r
                                         WHERE r.tenant_id = d.tenant_id AND r.user_id = u.id AND r.role = recipient_value)
                ELSE EXISTS (SELECT FROM nightbell.group_members m
                             WHERE m.tenant_id = d.tenant_id AND m.group_id = chosen_group AND m.user_id = u.id)
                END
            ORDER BY u.id LIMIT chunk
        ), stored AS (
            INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, actor_name, type, title, message, data, link, channel,
                                                 urgency, expires_at, silent, rate_slot)
            SELECT nightbell.uuidv7_of(first + r.n), d.tenant_id, r.id, d.actor_id, acting, d.type, d.title, d.message, d.data, d.link,
                d.channel, d.urgency, d.expires_at, coalesce(r.slot < 0, false), r.slot
            FROM (
                -- counts committed rows only; does not wait for concurrent transactions
                SELECT r.id, r.n, CASE
                    WHEN d.rate_limit = 0 OR d.urgency = 'critical' THEN NULL
                    WHEN u.used IS NULL THEN trunc(random() * d.rate_limit)::smallint
                    ELSE coalesce((SELECT min(s) FROM generate_series(0, d.rate_limit - 1) AS s
                                   WHERE s <> ALL (u.used) AND cardinality(u.used) < d.rate_limit), -1)::smallint END AS slot
                FROM recipients r
                CROSS JOIN LATERAL (
                    SELECT array_agg(n.rate_slot) AS used FROM nightbell.notifications n
                    WHERE n.tenant_id = d.tenant_id AND n.user_id = r.id AND n.id > since AND n.id < until AND n.rate_slot >= 0) AS u
                OFFSET 0) AS r
            RETURNING id, user_id
        ), left_outside AS (
            SELECT nightbell.notify_outside(d.tenant_id, array_agg(g.user_id), array_agg(g.id), d.type, d.outside, d.urgency)
            FROM (SELECT s.id, s.user_id, (row_number() OVER (ORDER BY s.id) - 1) / at_once AS part FROM stored s) AS g
            WHERE d.outside IS NOT NULL GROUP BY g.part
        )
        SELECT count(*), (array_agg(r.id ORDER BY r.n DESC))[1] INTO step, latest FROM recipients r WHERE (SELECT count(*) FROM left_outside) >= 0;
        made := made + step;
        EXIT WHEN step < chunk;
    END LOOP;
    RETURN made;
END
$$;
