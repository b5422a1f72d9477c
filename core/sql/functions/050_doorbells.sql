-- Doorbells: NOTIFY without content on keys that cannot be guessed. A bell is only a hint: clients fetch the rows
-- through row security. One bell per recipient and statement; for more than 100 recipients of a tenant, one for the
-- tenant, as resync.
--
-- The setting nightbell.ring of the database or the session decides how bells ring:
--   commit    (the default) the trigger NOTIFYs, in the writing transaction
--   after     the trigger notes the recipients in the setting nightbell.rings; ring() rings them in its own transaction
--   deferred  the trigger is not called; the hub looks for changed rows and rings: ring_deferred()
-- Deletes always ring at commit: they leave no changed row for a hub to find, and are rare (retention).

-- scope: notification (a user's), announcement, event and delivery (a tenant's; without a tenant: the global operators'), ping,
-- outbox (the workers').
CREATE OR REPLACE FUNCTION nightbell.doorbell_key(secret bytea, scope text, tenant uuid, "user" uuid) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE -- not sql: it could not be inlined and would be planned at every call
AS $$
BEGIN
    RETURN 'nb_' || left(encode(nightbell.keyed_hash(convert_to(
        scope || ':' || coalesce(tenant::text, '*') || ':' || coalesce("user"::text, '*'), 'UTF8'), secret, 'sha256'), 'hex'), 40);
END
$$;

CREATE OR REPLACE FUNCTION nightbell.doorbell_payload(kind text, op text, n bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- n::text, because text || bigint is only stable and would prevent inlining
AS $$ SELECT '{"v":1,"kind":"' || kind || '","op":"' || op || '","n":' || n::text || '}' $$;

-- How the rows that this session writes are rung.
CREATE OR REPLACE FUNCTION nightbell.ring_mode() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting('nightbell.ring', true), ''), 'commit') $$;

-- Sends one ring per recipient: adds up the counts, turns different ops into an update, and replaces more than 100
-- readers of a tenant by the tenant. A tenant's event or delivery also rings the global operators. The arrays are columns; scope as
-- in doorbell_key().
CREATE OR REPLACE FUNCTION nightbell.send_rings(scopes text[], tenants uuid[], users uuid[], ops text[], counts bigint[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE -- not sql, which would be planned at every call
AS $$
DECLARE
    rung bigint;
BEGIN
    WITH given AS (
        SELECT g.scope, g.tenant, g."user", CASE WHEN min(g.op) = max(g.op) THEN min(g.op) ELSE 'update' END AS op,
            sum(g.n)::bigint AS n, count(*) OVER (PARTITION BY g.scope, g.tenant) AS readers
        FROM unnest(scopes, tenants, users, ops, counts) AS g (scope, tenant, "user", op, n)
        GROUP BY g.scope, g.tenant, g."user"
    ), sent AS (
        SELECT g.scope, g.tenant, g."user", g.op, g.n FROM given g
        WHERE CASE WHEN g.scope = 'notification' THEN g.readers <= 100 WHEN g.scope IN ('event', 'delivery') THEN g.tenant IS NOT NULL ELSE true END
        UNION ALL
        SELECT 'announcement', g.tenant, NULL, 'resync', sum(g.n)::bigint FROM given g
        WHERE g.scope = 'notification' AND g.readers > 100 GROUP BY g.tenant
        UNION ALL
        SELECT g.scope, NULL, NULL, CASE WHEN min(g.op) = max(g.op) THEN min(g.op) ELSE 'update' END, sum(g.n)::bigint
        FROM given g WHERE g.scope IN ('event', 'delivery') GROUP BY g.scope
    )
    SELECT count(pg_notify(nightbell.doorbell_key(i.doorbell_secret, s.scope, s.tenant, s."user"),
                           nightbell.doorbell_payload(CASE WHEN s.scope IN ('event', 'delivery', 'outbox') THEN s.scope ELSE 'notification' END, s.op, s.n)))
    INTO rung
    FROM sent s, nightbell.installation i;
    RETURN rung;
END
$$;

-- The signature of the rings that a session notes: a session can write the setting itself, but only a trigger can sign.
DROP FUNCTION IF EXISTS nightbell.rings_signature(text);
CREATE OR REPLACE FUNCTION nightbell.rings_signature(secret bytea, tokens text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT encode(nightbell.keyed_hash(convert_to('rings ' || tokens, 'UTF8'), secret, 'sha256'), 'hex') $$;

-- Notes rings for ring(), or sends them at once when the note would become too long for a setting. A note is the
-- signature, the session, then scope:op:n:tenant:user for each ring, separated by blanks. A rollback removes it. Since
-- a session can save a note and set it again later, it is valid only for its session and for ten minutes.
CREATE OR REPLACE FUNCTION nightbell.note_rings(scopes text[], tenants uuid[], users uuid[], ops text[], counts bigint[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    noted text := nullif(current_setting('nightbell.rings', true), '');
    tokens text := nullif(substr(noted, position(' ' IN substr(noted, 66)) + 66), '');
    secret CONSTANT bytea := (SELECT i.doorbell_secret FROM nightbell.installation i);
BEGIN
    IF octet_length(noted) + 128 * cardinality(scopes) > 24576 THEN
        PERFORM nightbell.send_rings(scopes, tenants, users, ops, counts);
        RETURN;
    END IF;
    IF noted IS NOT NULL AND left(noted, 64) <> nightbell.rings_signature(secret, substr(noted, 66)) THEN
        tokens := NULL; -- not a note of this session
    END IF;
    FOR i IN 1 .. cardinality(scopes) LOOP
        tokens := concat_ws(' ', tokens, concat_ws(':', scopes[i], ops[i], least(counts[i], 999999999),
            coalesce(tenants[i]::text, '*'), coalesce(users[i]::text, '*')));
    END LOOP;
    tokens := concat(pg_backend_pid(), ':', date_part('epoch', clock_timestamp())::bigint, ' ', tokens);
    PERFORM set_config('nightbell.rings', nightbell.rings_signature(secret, tokens) || ' ' || tokens, false);
END
$$;

-- All trigger functions here get the statement's rows in the transition table "rung". They run as the schema's owner,
-- because a writer may not read the secret. force_generic_plan, there and in ring(): with the parameters at hand the planner
-- computes digests itself, finds that plan cheaper, and so plans again at every call, which costs more than all the rest.

-- On notifications and receipts: the users' own keys.
CREATE OR REPLACE FUNCTION nightbell.ring_users() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    did text := CASE WHEN TG_TABLE_NAME = 'receipts' THEN 'update' ELSE lower(TG_OP) END;
    later boolean := TG_OP <> 'DELETE' AND current_setting('nightbell.ring', true) = 'after';
    seen bigint := 0;
    one record;
    scopes text[];
    tenants uuid[];
    users uuid[];
    ops text[];
    counts bigint[];
BEGIN
    -- fast path: most statements write one row
    FOR one IN SELECT r.tenant_id, r.user_id FROM rung r LIMIT 101 LOOP
        seen := seen + 1;
    END LOOP;
    IF seen = 1 THEN
        IF later AND coalesce(current_setting('nightbell.rings', true), '') <> '' THEN
            PERFORM nightbell.note_rings('{notification}', ARRAY[one.tenant_id], ARRAY[one.user_id], ARRAY[did], '{1}');
        ELSIF later THEN -- the first note of a transaction, mostly its only one: what note_rings() would write, in one statement
            PERFORM set_config('nightbell.rings', nightbell.rings_signature(i.doorbell_secret, note.tokens) || ' ' || note.tokens, false)
            FROM nightbell.installation i, (
                SELECT concat(pg_backend_pid(), ':', date_part('epoch', clock_timestamp())::bigint, ' notification:', did, ':1:',
                              one.tenant_id, ':', one.user_id) AS tokens OFFSET 0) AS note;
        ELSE
            PERFORM pg_notify(nightbell.doorbell_key(i.doorbell_secret, 'notification', one.tenant_id, one.user_id),
                              nightbell.doorbell_payload('notification', did, 1))
            FROM nightbell.installation i;
        END IF;
        RETURN NULL;
    ELSIF seen = 0 THEN
        RETURN NULL;
    END IF;
    -- A statement for very many readers concerns few tenants; its first thousand rows show it, so readers are not
    -- counted.
    IF seen > 100 AND (SELECT count(DISTINCT (r.tenant_id, r.user_id)) > 100 * count(DISTINCT r.tenant_id)
                       FROM (SELECT tenant_id, user_id FROM rung LIMIT 1000) AS r) THEN
        SELECT array_agg('announcement'::text), array_agg(r.tenant_id), array_agg(NULL::uuid), array_agg('resync'::text), array_agg(r.n)
        INTO scopes, tenants, users, ops, counts
        FROM (SELECT tenant_id, count(*) AS n FROM rung GROUP BY tenant_id) AS r;
    ELSE
        SELECT array_agg(r.scope), array_agg(r.tenant_id), array_agg(r.reader), array_agg(r.op), array_agg(r.n)
        INTO scopes, tenants, users, ops, counts
        FROM (
            SELECT CASE WHEN u.readers > 100 THEN 'announcement' ELSE 'notification' END AS scope, u.tenant_id,
                CASE WHEN u.readers <= 100 THEN u.user_id END AS reader,
                CASE WHEN u.readers > 100 THEN 'resync' ELSE did END AS op, sum(u.n)::bigint AS n
            FROM (SELECT tenant_id, user_id, count(*) AS n, count(*) OVER (PARTITION BY tenant_id) AS readers
                  FROM rung GROUP BY tenant_id, user_id) AS u
            GROUP BY 1, 2, 3, 4
        ) AS r;
    END IF;
    IF later THEN
        PERFORM nightbell.note_rings(scopes, tenants, users, ops, counts);
    ELSE
        PERFORM nightbell.send_rings(scopes, tenants, users, ops, counts);
    END IF;
    RETURN NULL;
END
$$;

-- On announcements: the tenant's key. On system events: each tenant's operators, and the global operators.
CREATE OR REPLACE FUNCTION nightbell.ring_tenants() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    scope text := CASE WHEN TG_TABLE_NAME = 'announcements' THEN 'announcement' ELSE 'event' END;
    -- an announcement is updated only to be withdrawn, after which its readers cannot see it: ring as for a delete
    did text := CASE WHEN scope = 'announcement' AND TG_OP = 'UPDATE' THEN 'delete' ELSE lower(TG_OP) END;
    scopes text[];
    tenants uuid[];
    users uuid[];
    ops text[];
    counts bigint[];
BEGIN
    SELECT array_agg(scope), array_agg(r.tenant_id), array_agg(NULL::uuid), array_agg(did), array_agg(r.n)
    INTO scopes, tenants, users, ops, counts
    FROM (SELECT tenant_id, count(*) AS n FROM rung GROUP BY tenant_id) AS r;
    IF scopes IS NULL THEN
        RETURN NULL;
    ELSIF TG_OP <> 'DELETE' AND current_setting('nightbell.ring', true) = 'after' THEN
        PERFORM nightbell.note_rings(scopes, tenants, users, ops, counts);
    ELSE
        PERFORM nightbell.send_rings(scopes, tenants, users, ops, counts);
    END IF;
    RETURN NULL;
END
$$;

-- Adds doorbells to a table: `rings` is one of the trigger functions above, called once per statement. With deferred
-- ringing only deletes ring, because they leave nothing for a hub to find.
CREATE OR REPLACE FUNCTION nightbell.ring_on(source regclass, rings regproc, operations text[] DEFAULT '{insert,update,delete}') RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    operation text;
BEGIN
    FOREACH operation IN ARRAY operations LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s TABLE AS rung FOR EACH STATEMENT %s EXECUTE FUNCTION %s()',
            'ring_' || operation, operation, source, CASE operation WHEN 'delete' THEN 'OLD' ELSE 'NEW' END,
            CASE WHEN operation <> 'delete' THEN 'WHEN (current_setting(''nightbell.ring'', true) IS DISTINCT FROM ''deferred'')' END, rings);
    END LOOP;
END
$$;
SELECT nightbell.ring_on('nightbell.notifications', 'nightbell.ring_users');
SELECT nightbell.ring_on('nightbell.receipts', 'nightbell.ring_users', '{insert,update}');
SELECT nightbell.ring_on('nightbell.announcements', 'nightbell.ring_tenants');
SELECT nightbell.ring_on('nightbell.admin_system_events', 'nightbell.ring_tenants');
DROP FUNCTION IF EXISTS nightbell.ring_operators();


-- Sends the rings that this session's committed transactions noted (nightbell.ring = 'after'). In its own transaction,
-- so that no other session waits for NOTIFY's lock while the rows are flushed to disk. Returns the number of keys rung.
CREATE OR REPLACE FUNCTION nightbell.ring() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    noted text := current_setting('nightbell.rings', true);
    secret bytea;
    tokens text[];
    scopes text[];
    tenants uuid[];
    users uuid[];
    ops text[];
    counts bigint[];
BEGIN
    IF noted IS NULL OR noted = '' THEN
        RETURN 0;
    END IF;
    SELECT i.doorbell_secret INTO secret FROM nightbell.installation i WHERE set_config('nightbell.rings', '', false) = '';
    IF octet_length(noted) > 32768 OR left(noted, 64) <> nightbell.rings_signature(secret, substr(noted, 66)) THEN
        RAISE EXCEPTION 'the setting nightbell.rings is not what the doorbells wrote'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it alone; it is empty again now.';
    END IF;
    tokens := string_to_array(substr(noted, 66), ' ');
    IF split_part(tokens[1], ':', 1)::int <> pg_backend_pid()
       OR date_part('epoch', clock_timestamp()) - split_part(tokens[1], ':', 2)::bigint NOT BETWEEN -1 AND 600 THEN
        RETURN 0; -- too old: the recipients have looked by themselves since
    END IF;
    tokens := tokens[2:];
    IF cardinality(tokens) = 1 AND starts_with(tokens[1], 'notification:') THEN -- fast path: most notes have one ring
        tokens := string_to_array(tokens[1], ':');
        PERFORM pg_notify(nightbell.doorbell_key(secret, 'notification', tokens[4]::uuid, tokens[5]::uuid),
                          nightbell.doorbell_payload('notification', tokens[2], tokens[3]::bigint));
        RETURN 1;
    END IF;
    SELECT array_agg(split_part(t.token, ':', 1)), array_agg(nullif(split_part(t.token, ':', 4), '*')::uuid),
        array_agg(nullif(split_part(t.token, ':', 5), '*')::uuid), array_agg(split_part(t.token, ':', 2)),
        array_agg(split_part(t.token, ':', 3)::bigint)
    INTO scopes, tenants, users, ops, counts
    FROM unnest(tokens) AS t (token);
    RETURN nightbell.send_rings(scopes, tenants, users, ops, counts);
END
$$;

-- ---- deferred: the hub rings ----

-- The hub that holds this advisory lock of the database rings; the others stand by and retry from time to time. Anybody
-- can take an advisory lock, so a holder that is no hub is ignored, and bells ring nevertheless.
CREATE OR REPLACE FUNCTION nightbell.ringer_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 7956003915053557100; -- 'nightbel' in ASCII

-- Whether a hub is ringing: the lock has a holder that is allowed to ring.
CREATE OR REPLACE FUNCTION nightbell.is_ringing() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks l
        JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        JOIN pg_stat_get_activity(l.pid) a ON true
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND (l.classid::bigint << 32 | l.objid::bigint) = nightbell.ringer_lock()
            AND (pg_has_role(a.usesysid, 'nightbell_ringer', 'MEMBER') OR pg_has_role(a.usesysid, 'nightbell_worker', 'MEMBER')
                 OR pg_has_role(a.usesysid, 'nightbell_admin', 'MEMBER')))
$$;

-- For hubs: tries for the lock. Returns whether this session rings from now on.
CREATE OR REPLACE FUNCTION nightbell.become_ringer() RETURNS boolean
LANGUAGE sql VOLATILE
AS $$ SELECT pg_try_advisory_lock(nightbell.ringer_lock()) OR NOT nightbell.is_ringing() $$;
CREATE OR REPLACE FUNCTION nightbell.resign_ringer() RETURNS void
LANGUAGE sql VOLATILE
AS $$ SELECT pg_advisory_unlock_all() $$;

-- Rings for all rows that became visible since the last look, and returns its own snapshot, to be passed to the next
-- call. NULL: continue where the last hub stopped, or begin now. Exact by transaction id: a transaction that is open
-- during several looks is in progress in each of their snapshots, so it is rung for once, after its commit.
CREATE OR REPLACE FUNCTION nightbell.ring_deferred(last pg_snapshot, OUT snapshot pg_snapshot, OUT rung bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    -- clients look again by themselves after half a minute, so older rows need no bell
    stale CONSTANT interval := '10 minutes';
    stored record;
    above xid8;
    unfinished xid8[];
    scopes text[];
    tenants uuid[];
    users uuid[];
    ops text[];
    counts bigint[];
BEGIN
    snapshot := pg_current_snapshot(); -- before the rows are read: later commits belong to the next look
    rung := 0;
    IF last IS NULL THEN
        SELECT p.snapshot, p.looked_at INTO stored FROM nightbell.ring_progress p;
        last := CASE WHEN stored.looked_at > clock_timestamp() - stale THEN stored.snapshot ELSE snapshot END;
    END IF;
    above := pg_snapshot_xmax(last);
    unfinished := ARRAY(SELECT pg_snapshot_xip(last));

    SELECT array_agg(r.scope), array_agg(r.tenant_id), array_agg(r.reader), array_agg(r.op), array_agg(r.n)
    INTO scopes, tenants, users, ops, counts
    FROM (
        -- more than 100 readers of a tenant become one ring here already, to keep the array small
        SELECT CASE WHEN u.readers > 100 THEN 'announcement' ELSE 'notification' END AS scope, u.tenant_id,
            CASE WHEN u.readers <= 100 THEN u.user_id END AS reader,
            CASE WHEN u.readers > 100 THEN 'resync' WHEN bool_and(u.made) THEN 'insert' ELSE 'update' END AS op,
            sum(u.n)::bigint AS n
        FROM (
            SELECT c.tenant_id, c.user_id, bool_and(c.made) AS made, count(*) AS n,
                count(*) OVER (PARTITION BY c.tenant_id) AS readers
            FROM (
                SELECT n.tenant_id, n.user_id, n.created_xid = n.changed_xid AS made, n.changed_xid
                FROM nightbell.notifications n WHERE n.changed_xid >= above
                UNION ALL
                SELECT n.tenant_id, n.user_id, n.created_xid = n.changed_xid, n.changed_xid
                FROM nightbell.notifications n WHERE n.changed_xid = ANY (unfinished)
                UNION ALL
                SELECT t.tenant_id, t.user_id, false, t.changed_xid FROM nightbell.receipts t WHERE t.changed_xid >= above
                UNION ALL
                SELECT t.tenant_id, t.user_id, false, t.changed_xid FROM nightbell.receipts t WHERE t.changed_xid = ANY (unfinished)
            ) AS c
            WHERE pg_visible_in_snapshot(c.changed_xid, ring_deferred.snapshot)
            GROUP BY c.tenant_id, c.user_id
        ) AS u
        GROUP BY 1, 2, 3, u.readers > 100
        UNION ALL
        SELECT c.scope, c.tenant_id, NULL,
            CASE WHEN bool_and(c.made) THEN 'insert' WHEN c.scope = 'announcement' THEN 'delete' ELSE 'update' END, count(*)
        FROM (
            SELECT 'announcement' AS scope, a.tenant_id, a.created_xid = a.changed_xid AS made, a.changed_xid
            FROM nightbell.announcements a WHERE a.changed_xid >= above
            UNION ALL
            SELECT 'announcement', a.tenant_id, a.created_xid = a.changed_xid, a.changed_xid
            FROM nightbell.announcements a WHERE a.changed_xid = ANY (unfinished)
            UNION ALL
            SELECT 'event', e.tenant_id, e.created_xid = e.changed_xid, e.changed_xid
            FROM nightbell.admin_system_events e WHERE e.changed_xid >= above
            UNION ALL
            SELECT 'event', e.tenant_id, e.created_xid = e.changed_xid, e.changed_xid
            FROM nightbell.admin_system_events e WHERE e.changed_xid = ANY (unfinished)
        ) AS c
        WHERE pg_visible_in_snapshot(c.changed_xid, ring_deferred.snapshot)
        GROUP BY c.scope, c.tenant_id
        UNION ALL
        SELECT 'outbox', NULL, NULL, 'insert', 1
        WHERE EXISTS (SELECT FROM nightbell.outbox o WHERE o.created_xid >= above AND o.next_attempt_at IS NOT NULL
                          AND pg_visible_in_snapshot(o.created_xid, ring_deferred.snapshot))
            OR EXISTS (SELECT FROM nightbell.outbox o WHERE o.created_xid = ANY (unfinished) AND o.next_attempt_at IS NOT NULL
                           AND pg_visible_in_snapshot(o.created_xid, ring_deferred.snapshot))
    ) AS r;
    IF scopes IS NOT NULL THEN
        rung := nightbell.send_rings(scopes, tenants, users, ops, counts);
    END IF;

    -- The snapshot is stored rarely: a successor that starts from an older one only rings some keys twice. But it must
    -- be stored well within `stale`, or rows would be skipped.
    SELECT p.snapshot, p.looked_at INTO stored FROM nightbell.ring_progress p;
    IF stored IS NULL OR stored.looked_at < clock_timestamp() - (CASE WHEN rung > 0 THEN interval '1 second' ELSE interval '1 minute' END) THEN
        INSERT INTO nightbell.ring_progress AS p (snapshot, looked_at) VALUES (ring_deferred.snapshot, clock_timestamp())
        ON CONFLICT (only_row) DO UPDATE SET snapshot = excluded.snapshot, looked_at = excluded.looked_at;
    END IF;
END
$$;

-- How bells ring here: the installation's name (by which clients find their hub), the database's setting, and whether a
-- hub is ringing. The setting is read from the catalogue, because a session that began before a change still has the
-- old value.
CREATE OR REPLACE FUNCTION nightbell.bells(OUT installation text, OUT ring text, OUT is_ringing boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    SELECT substr(nightbell.doorbell_key(i.doorbell_secret, 'installation', NULL, NULL), 4, 16) INTO installation
    FROM nightbell.installation i;
    SELECT split_part(c.setting, '=', 2) INTO ring
    FROM pg_db_role_setting s, unnest(s.setconfig) AS c (setting)
    WHERE s.setrole = 0 AND s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND c.setting LIKE 'nightbell.ring=%';
    ring := coalesce(ring, nightbell.ring_mode());
    is_ringing := ring = 'deferred' AND nightbell.is_ringing();
END
$$;

-- The channel that notifies hubs when the way of ringing changes.
CREATE OR REPLACE FUNCTION nightbell.hub_channel() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT nightbell.doorbell_key(i.doorbell_secret, 'hub', NULL, NULL) FROM nightbell.installation i $$;

-- Sets the way of ringing for the whole database and notifies the hubs. Runs with the caller's rights: for a superuser,
-- or for a database owner who may set the parameter (GRANT SET ON PARAMETER).
CREATE OR REPLACE FUNCTION nightbell.set_ring(ring text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    IF ring IS NULL OR ring NOT IN ('commit', 'deferred') THEN
        RAISE EXCEPTION 'ring is commit or deferred' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('ALTER DATABASE %I SET nightbell.ring = %L', current_database(), ring);
    PERFORM pg_notify(nightbell.hub_channel(), '{"v":1,"kind":"ring"}');
END
$$;

-- The channels that the session may listen to; none without an identity.
CREATE OR REPLACE FUNCTION nightbell.my_channels() RETURNS TABLE (channel text, kind text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
    secret bytea := (SELECT i.doorbell_secret FROM nightbell.installation i);
BEGIN
    IF who.home_tenant_id IS NULL THEN -- no identity, or a plain producer
        RETURN;
    END IF;
    RETURN QUERY VALUES
        (nightbell.doorbell_key(secret, 'notification', who.home_tenant_id, who.user_id), 'notification'),
        (nightbell.doorbell_key(secret, 'announcement', who.home_tenant_id, NULL), 'announcement'),
        (nightbell.doorbell_key(secret, 'ping', who.home_tenant_id, who.user_id), 'ping');
    IF 'operator' = ANY (who.roles) THEN
        RETURN QUERY SELECT nightbell.doorbell_key(secret, 'event', CASE WHEN NOT who.is_global THEN who.tenant_id END, NULL), 'event';
        RETURN QUERY SELECT nightbell.doorbell_key(secret, 'delivery', CASE WHEN NOT who.is_global THEN who.tenant_id END, NULL), 'delivery';
    END IF;
END
$$;
