-- Produces notifications one at a time: notify(), announce(). They run in the caller's transaction, as the schema's
-- owner; producing() decides who may call them for whom. They return only the new ids. For many at once:
-- 062_notify_many.sql.

-- Raises the error that a check has found.
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

-- Whether a producer may produce for the given tenant (NULL: its own).
CREATE OR REPLACE FUNCTION nightbell.may_produce_for(producer nightbell.producer, named uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN named IS NULL OR producer.any_tenant OR named IS NOT DISTINCT FROM producer.tenant_id;

-- Why a notification is impossible; called when the look-up of tenant, user and type found no row.
CREATE OR REPLACE FUNCTION nightbell.recipient_problem(producer nightbell.producer, tenant uuid, "user" uuid, type text,
                                                       OUT sqlstate text, OUT problem text, OUT hint text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    home CONSTANT uuid := coalesce(tenant, producer.tenant_id);
    found record;
BEGIN
    SELECT t.id AS tenant, u.id AS "user", k.type, k.restricted_to INTO found
    FROM (VALUES (1)) AS one
    LEFT JOIN nightbell.tenants t ON t.id = home
    LEFT JOIN nightbell.users u ON u.tenant_id = home AND u.id = recipient_problem."user" AND u.deleted_at IS NULL
    LEFT JOIN nightbell.notification_types k ON k.type = recipient_problem.type;
    sqlstate := 'P0002';
    IF NOT nightbell.may_produce_for(producer, tenant) THEN
        sqlstate := '42501';
        problem := 'this session may produce for its own tenant only';
        hint := 'Leave the tenant out, or use a token of that tenant.';
    ELSIF home IS NULL THEN
        sqlstate := '22023';
        problem := 'no tenant is named, and this session has none of its own';
        hint := 'Name the tenant by its UUID.';
    ELSIF found.tenant IS NULL THEN
        problem := format('there is no tenant %s', home);
    ELSIF found."user" IS DISTINCT FROM recipient_problem."user" THEN
        problem := format('there is no user %s in the tenant', recipient_problem."user");
    ELSIF found.type IS NULL THEN
        problem := format('there is no notification type "%s"', left(type, 100));
        hint := 'nightbell.notification_types lists the types; the administrator adds new ones.';
    ELSIF NOT found.restricted_to && producer.roles THEN
        sqlstate := '42501';
        problem := format('the type %s may be created by the roles %s only', type, array_to_string(found.restricted_to, ', '));
        hint := 'Use another type, or a login or token with one of these roles.';
    ELSE
        sqlstate := NULL;
    END IF;
END
$$;

-- What is wrong with actions, which are up to four buttons: [{"id": …, "label": …, "link": …}]; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.actions_problem(actions jsonb) RETURNS text
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

-- The first problem of a notification's contents, in the order in which a person would fix them; NULL: none. A single
-- expression, so that it is inlined and nothing is planned at a call. written: data as text.
CREATE OR REPLACE FUNCTION nightbell.draft_problem(title text, message text, data jsonb, written text, link text, actions jsonb,
    channels text[], urgency text, expires_at timestamptz, at timestamptz, dedup_key text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN title IS NULL OR title = '' THEN 'the title is empty'
    WHEN octet_length(title) > 255 AND char_length(title) > 255 THEN
        format('the title has %s characters; at most 255 are allowed', char_length(title))
    WHEN position(E'\n' IN title) > 0 OR position(E'\r' IN title) > 0 THEN 'the title has more than one line'
    WHEN message IS NULL OR message = '' THEN 'the message is empty'
    WHEN octet_length(message) > 8192 THEN format('the message has %s bytes; at most 8192 are allowed', octet_length(message))
    WHEN jsonb_typeof(data) <> 'object' THEN format('data is a JSON %s; it must be an object', jsonb_typeof(data))
    WHEN octet_length(written) > 16384 THEN format('data has %s bytes; at most 16384 are allowed', octet_length(written))
    WHEN octet_length(link) > 2048 THEN format('the link has %s bytes; at most 2048 are allowed', octet_length(link))
    WHEN link ~ '[[:cntrl:]]' THEN 'the link contains control characters'
    WHEN NOT channels <@ '{in_app,email,push,sms,webhook}' AND NOT channels <@ nightbell.all_channels() THEN nightbell.unknown_channel(channels)
    WHEN urgency <> ALL ('{low,normal,high,critical}') THEN 'the urgency is none of low, normal, high, critical'
    WHEN expires_at <= at THEN 'expires_at is in the past'
    WHEN octet_length(dedup_key) NOT BETWEEN 1 AND 255 THEN 'the dedup key must have 1 to 255 bytes'
    WHEN actions IS NOT NULL THEN nightbell.actions_problem(actions)
    END;

-- Identifies repetitions: 128 bits of SHA-256 over recipient and key, or without a key over recipient and content. The
-- parts are quoted, so that different notifications never give the same text.
CREATE OR REPLACE FUNCTION nightbell.dedup_digest("user" uuid, dedup_key text, type text, title text, message text, written text)
RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN encode(substr(sha256(convert_to(CASE WHEN dedup_key IS NOT NULL THEN format('%s key %s', "user", dedup_key)
    ELSE format('%s %L %L %L %s', "user", type, title, message, written) END, 'UTF8')), 1, 16), 'hex')::uuid;

-- The rate limit: within a minute, a user is alerted to as many notifications as the tenant's rate_limit says. Each
-- takes one of that many slots. The slot is stored in the row, so the rows of the last minute show which slots are
-- taken; while the transaction runs, an advisory lock shows it. The lock is tried, never waited for. The rows are read
-- after the lock was taken, so that the row of its previous holder is visible. Without a free slot the row is stored
-- silent.

-- The base of a user's slot locks; slot n is this # n. A hash of both ids, so that it meets no other advisory lock.
CREATE OR REPLACE FUNCTION nightbell.slot_lock(tenant uuid, "user" uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN uuid_hash_extended("user", uuid_hash_extended(tenant, 0));

-- Locks as many of the wanted slots as are free and not locked by others; returns those. At most 128 locks per
-- transaction, counted in the setting nightbell.slots, because all sessions share the server's lock table. Slots beyond
-- that are checked only against committed rows, so a concurrent transaction may take the same ones.
CREATE OR REPLACE FUNCTION nightbell.take_slots(tenant uuid, "user" uuid, rate int, used smallint[], wanted int) RETURNS smallint[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    held int := coalesce(nullif(current_setting('nightbell.slots', true), ''), '0');
    locked int := 0;
    lock CONSTANT bigint := nightbell.slot_lock(tenant, "user");
    taken smallint[] := '{}';
BEGIN
    IF cardinality(used) >= rate THEN
        RETURN taken; -- under an earlier, higher limit
    END IF;
    wanted := least(wanted, rate - coalesce(cardinality(used), 0));
    FOR slot IN 0 .. rate - 1 LOOP
        EXIT WHEN cardinality(taken) >= wanted;
        CONTINUE WHEN slot = ANY (used);
        IF held + locked >= 128 THEN
            taken := taken || slot::smallint;
        ELSIF pg_try_advisory_xact_lock(lock # slot) THEN
            taken := taken || slot::smallint;
            locked := locked + 1;
        END IF;
    END LOOP;
    IF locked > 0 THEN
        locked := set_config('nightbell.slots', (held + locked)::text, true);
    END IF;
    IF taken = '{}' AND wanted > 0 THEN
        -- anybody can take an advisory lock, so a holder that may not produce is ignored: it must not silence others
        taken := ARRAY(
            SELECT s.slot::smallint
            FROM generate_series(0, rate - 1) AS s (slot)
            JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND (l.classid::bigint << 32 | l.objid::bigint) = (lock # s.slot)
            JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
            JOIN pg_stat_get_activity(l.pid) a ON NOT (pg_has_role(a.usesysid, 'nightbell_producer', 'MEMBER')
                OR pg_has_role(a.usesysid, 'nightbell_worker', 'MEMBER') OR pg_has_role(a.usesysid, 'nightbell_admin', 'MEMBER'))
            WHERE s.slot <> ALL (coalesce(used, '{}'))
            LIMIT wanted);
    END IF;
    RETURN taken;
END
$$;

-- Slots for several notifications to one user, one element each; negative: silent (see rate_slot). The slow path, for
-- when the first try found its slot taken, or a silent row in the last minute.
CREATE OR REPLACE FUNCTION nightbell.claim_slots(tenant uuid, "user" uuid, rate int, wanted int) RETURNS smallint[]
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off -- as in its callers
SET jit = off
AS $$
DECLARE
    since uuid;
    until uuid;
    used smallint[];
    taken smallint[] := '{}';
    candidates smallint[];
    latest record;
    frees_at timestamptz;
    none smallint := -1;
BEGIN
    LOOP
        since := nightbell.uuidv7_floor(clock_timestamp() - interval '1 minute');
        until := nightbell.uuidv7_floor(clock_timestamp() + interval '1 hour');
        -- The last silent row says when the next slot becomes free, so during a flood nothing else is read.
        SELECT n.rate_slot, nightbell.uuidv7_time(n.id) - (n.rate_slot + 1) * interval '10 ms' AS free INTO latest
        FROM nightbell.notifications n
        WHERE n.tenant_id = claim_slots.tenant AND n.user_id = claim_slots."user" AND n.id > since AND n.id < until
            AND n.rate_slot IS NOT NULL
        ORDER BY n.id DESC LIMIT 1;
        IF latest.rate_slot < -1 AND latest.free > clock_timestamp() THEN
            frees_at := latest.free;
            EXIT;
        END IF;
        SELECT array_agg(n.rate_slot), min(nightbell.uuidv7_time(n.id)) + interval '1 minute' INTO used, frees_at
        FROM nightbell.notifications n
        WHERE n.tenant_id = claim_slots.tenant AND n.user_id = claim_slots."user" AND n.id > since AND n.id < until
            AND n.rate_slot >= 0;
        -- Of the slots locked in the round before, those still free now that rows of earlier lock holders are visible.
        IF candidates IS NOT NULL THEN
            taken := ARRAY(SELECT unnest(candidates) EXCEPT SELECT unnest(used));
            frees_at := CASE WHEN cardinality(used) >= rate THEN frees_at END;
            EXIT WHEN cardinality(taken) >= wanted OR cardinality(taken) = cardinality(candidates);
        ELSIF cardinality(used) >= rate THEN
            EXIT;
        END IF;
        candidates := nightbell.take_slots(tenant, "user", rate, used, wanted);
        frees_at := NULL;
        EXIT WHEN candidates = '{}'; -- others hold the locks, and may still roll back
    END LOOP;
    IF frees_at IS NOT NULL THEN
        none := least(greatest(-1 - ceil(date_part('epoch', frees_at - clock_timestamp()) * 100), -6001), -1);
    END IF;
    RETURN taken[1:wanted] || array_fill(none, ARRAY[greatest(wanted - cardinality(taken), 0)]);
END
$$;

-- The channels that leave the inbox; NULL: none.
CREATE OR REPLACE FUNCTION nightbell.outside_channels(channels text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT array_agg(c ORDER BY n) FROM (SELECT c, min(n) AS n FROM unnest(channels) WITH ORDINALITY AS u (c, n) WHERE c <> 'in_app' GROUP BY c) AS d);

-- Puts stored notifications of a tenant that have outside channels into the outbox: no rule is asked for them, but preferences,
-- quiet hours and the rate limit are. One app event for one notification; of a broadcast one for many, with the notification of
-- each user in its context.
CREATE OR REPLACE FUNCTION nightbell.notify_outside(tenant uuid, users uuid[], ids uuid[], type text, channels text[], urgency text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    outside CONSTANT text[] := nightbell.outside_channels(channels);
    at CONSTANT timestamptz := nightbell.clock();
    alone CONSTANT boolean := cardinality(ids) = 1;
BEGIN
    IF outside IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, critical, source_kind, subject_id, user_id, next_attempt_at)
    SELECT tenant, k.type, k.module, jsonb_build_object('channels', outside)
            || CASE WHEN alone THEN '{}' ELSE jsonb_build_object('to', (SELECT jsonb_object_agg(u, i) FROM unnest(users, ids) AS t (u, i))) END,
        at, notify_outside.urgency = 'critical', 'notify', CASE WHEN alone THEN ids[1]::text END, CASE WHEN alone THEN users[1] END, at
    FROM nightbell.notification_types k WHERE k.type = notify_outside.type;
END
$$;

-- Every notification pays for every statement in here: one look-up, one dedup window, one row.
CREATE OR REPLACE FUNCTION nightbell.notify(tenant uuid, "user" uuid, type text, title text, message text,
    data jsonb DEFAULT NULL, link text DEFAULT NULL, actor uuid DEFAULT NULL, channels text[] DEFAULT NULL,
    urgency text DEFAULT NULL, expires_at timestamptz DEFAULT NULL, dedup_key text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off -- a partition may be empty when the plan is made and fill while the plan is used
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    producer CONSTANT nightbell.producer := nightbell.producing();
    home CONSTANT uuid := coalesce(tenant, producer.tenant_id);
    at CONSTANT timestamptz := clock_timestamp();
    written CONSTANT text := data::text;
    usual_urgency text;
    usual_channels text[];
    restricted_to text[];
    ttl interval;
    span interval;
    rate int;
    schema jsonb;
    fits boolean;
    odd boolean := false;
    leaves boolean := false; -- the inbox, by outside channels
    problem text;
    new_id uuid;
    first_id uuid;
    mark uuid;
    slot smallint;
    settled boolean := true;
    held int;
    actor_name text;
BEGIN
    -- announcements have no user: two plain joins are cheaper than one that covers both cases
    IF "user" IS NULL THEN
        SELECT k.urgency, k.default_channels, k.restricted_to, k.ttl, k.data_schema,
            coalesce(data, '{}') @@ k.data_accepts AND coalesce(octet_length(written) <= 16384 AND jsonb_typeof(data) = 'object'
                AND (octet_length(written) <= k.data_accepts_size OR nightbell.texts_within(written, k.data_accepts_size)), true),
            coalesce((t.settings ->> 'dedup_window')::interval, '5 minutes'), coalesce((t.settings ->> 'rate_limit')::int, 10)
        INTO usual_urgency, usual_channels, restricted_to, ttl, schema, fits, span, rate
        FROM nightbell.tenants t, nightbell.notification_types k
        WHERE t.id = home AND k.type = type;
    ELSE
        SELECT k.urgency, k.default_channels, k.restricted_to, k.ttl, k.data_schema,
            coalesce(data, '{}') @@ k.data_accepts AND coalesce(octet_length(written) <= 16384 AND jsonb_typeof(data) = 'object'
                AND (octet_length(written) <= k.data_accepts_size OR nightbell.texts_within(written, k.data_accepts_size)), true),
            coalesce((t.settings ->> 'dedup_window')::interval, '5 minutes'), coalesce((t.settings ->> 'rate_limit')::int, 10)
        INTO usual_urgency, usual_channels, restricted_to, ttl, schema, fits, span, rate
        FROM nightbell.users u, nightbell.tenants t, nightbell.notification_types k
        WHERE u.tenant_id = home AND u.id = "user" AND u.deleted_at IS NULL AND t.id = home AND k.type = type;
    END IF;
    IF NOT FOUND OR NOT restricted_to && producer.roles OR NOT nightbell.may_produce_for(producer, tenant) THEN
        PERFORM nightbell.refuse(coalesce(r.sqlstate, '40001'), coalesce(r.problem, 'the tenant, the user or the type changed just now'), r.hint)
        FROM nightbell.recipient_problem(producer, tenant, "user", type) AS r;
    END IF;
    -- A short form of the rules accepts what is plainly valid: every transaction initialises its expressions again, and
    -- the one that words the problem is long.
    IF (title <> '' AND octet_length(title) <= 255 AND title !~ '[\n\r]' AND message <> '' AND octet_length(message) <= 8192 AND fits)
        IS NOT TRUE OR channels IS NOT NULL OR usual_channels <> '{in_app}' OR urgency IS NOT NULL OR expires_at IS NOT NULL
        OR dedup_key IS NOT NULL THEN
        odd := true;
    ELSIF link IS NOT NULL THEN
        odd := octet_length(link) > 2048 OR link ~ '[[:cntrl:]]';
    END IF;
    urgency := coalesce(urgency, usual_urgency);
    channels := coalesce(channels, usual_channels);
    expires_at := coalesce(expires_at, at + ttl);
    IF odd THEN
        leaves := channels <> '{in_app}';
        problem := nightbell.draft_problem(title, message, data, written, link, NULL, channels, urgency, expires_at, at, dedup_key);
        IF problem IS NULL AND fits IS NOT TRUE THEN
            problem := nightbell.data_problem(type, schema, data);
        END IF;
    END IF;
    IF problem IS NOT NULL THEN
        PERFORM nightbell.refuse('22023', problem, NULL);
    END IF;

    IF actor IS NOT NULL THEN
        SELECT u.name INTO actor_name FROM nightbell.users u WHERE u.tenant_id = home AND u.id = actor;
    END IF;

    new_id := nightbell.uuidv7();
    IF span > interval '0' THEN
        mark := nightbell.dedup_digest("user", dedup_key, type, title, message, written);
        LOOP
            INSERT INTO nightbell.dedup_windows AS w (tenant_id, digest, notification_id, expires_at)
            VALUES (home, mark, new_id, at + span)
            ON CONFLICT ON CONSTRAINT dedup_windows_pkey DO UPDATE
                SET notification_id = excluded.notification_id, expires_at = excluded.expires_at
                WHERE w.expires_at <= clock_timestamp();
            EXIT WHEN FOUND;
            SELECT w.notification_id INTO first_id FROM nightbell.dedup_windows w WHERE w.tenant_id = home AND w.digest = mark;
            IF FOUND THEN
                RETURN first_id;
            END IF; -- purged between the two statements: try again
        END LOOP;
    END IF;

    IF "user" IS NULL THEN
        INSERT INTO nightbell.announcements (id, tenant_id, actor_id, actor_name, type, title, message, data, link, channel, urgency,
                                             dedup_key, expires_at)
        VALUES (new_id, home, actor, actor_name, type, title, message, data, link,
                CASE WHEN channels = '{}' OR 'in_app' = ANY (channels) THEN 'in_app' ELSE channels[1] END, urgency, dedup_key, expires_at);
        RETURN new_id;
    END IF;

    IF rate > 0 AND urgency <> 'critical' THEN
        -- a random slot is nearly always free; the INSERT checks it
        slot := trunc(random() * rate);
        held := coalesce(nullif(current_setting('nightbell.slots', true), ''), '0');
        IF held < 128 THEN
            settled := NOT pg_try_advisory_xact_lock(nightbell.slot_lock(home, "user") # slot);
            IF settled THEN
                slot := (nightbell.claim_slots(home, "user", rate, 1))[1];
            ELSE
                held := set_config('nightbell.slots', (held + 1)::text, true);
            END IF;
        ELSE
            settled := false;
        END IF;
    END IF;
    LOOP
        INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, actor_name, type, title, message, data, link, channel,
                                             urgency, dedup_key, expires_at, silent, rate_slot)
        SELECT new_id, home, "user", actor, actor_name, type, title, message, data, link,
            CASE WHEN channels = '{}' OR 'in_app' = ANY (channels) THEN 'in_app' ELSE channels[1] END,
            urgency, dedup_key, expires_at, coalesce(slot < 0, false), slot
        WHERE settled OR NOT EXISTS (
            SELECT FROM nightbell.notifications n
            WHERE n.tenant_id = home AND n.user_id = "user" AND n.id > nightbell.uuidv7_floor(at - interval '1 minute')
                AND n.id < nightbell.uuidv7_floor(at + interval '1 hour')
                -- a silent row, or a slot of an earlier, higher limit: leave it to claim_slots()
                AND (n.rate_slot = slot OR n.rate_slot < 0 OR n.rate_slot >= rate));
        EXIT WHEN FOUND;
        slot := (nightbell.claim_slots(home, "user", rate, 1))[1];
        settled := true;
    END LOOP;
    IF leaves THEN
        PERFORM nightbell.notify_outside(home, ARRAY["user"], ARRAY[new_id], type, channels, urgency);
    END IF;
    RETURN new_id;
END
$$;

-- One row for everybody in the tenant, including people who join later.
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
