-- Removes rows whose retention has ended: whole partitions where possible, otherwise in chunks that block nobody for
-- long. `db purge` (and the worker) repeats this until nothing is left. With an archive, each step returns the deleted
-- rows as lines of JSON, and the caller commits when they are safely on its disk.

-- settings is tenants.settings; anything but a number of days means the default.
CREATE OR REPLACE FUNCTION nightbell.retention(settings jsonb, kind text, standard_days int) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT make_interval(days => CASE WHEN settings ->> ('retention_days_' || kind) ~ '^[1-9][0-9]{0,4}$'
                                      THEN (settings ->> ('retention_days_' || kind))::int ELSE standard_days END)
$$;

-- The times before which each tenant's rows are removed. Read rows and those of deleted users may go sooner, never
-- later.
CREATE OR REPLACE FUNCTION nightbell.cutoffs()
RETURNS TABLE (tenant_id uuid, notifications timestamptz, read timestamptz, deleted_users timestamptz, events timestamptz)
LANGUAGE sql STABLE
AS $$
    SELECT t.id, now() - r.kept, now() - least(r.kept, nightbell.retention(t.settings, 'read', 99999)),
        now() - least(r.kept, nightbell.retention(t.settings, 'deleted_users', 99999)),
        now() - nightbell.retention(t.settings, 'events', 365)
    FROM nightbell.tenants t
    CROSS JOIN LATERAL (SELECT nightbell.retention(t.settings, 'notifications', 180)) AS r (kept)
$$;

-- ---- whole partitions ----

-- Partitions whose rows are all older than the longest retention of any tenant, the oldest first.
CREATE OR REPLACE FUNCTION nightbell.past_partitions() RETURNS SETOF regclass
LANGUAGE sql STABLE
AS $$
    SELECT p.partition FROM nightbell.partitions() p
    WHERE p.upper_id <= (SELECT nightbell.uuidv7_floor(coalesce(min(c.notifications), now() - interval '180 days')) FROM nightbell.cutoffs() c)
    ORDER BY p.upper_id
$$;

DROP FUNCTION IF EXISTS nightbell.drop_past_partitions(); -- all of them at once, until version 3

-- Drops one past partition; NULL: there is none.
CREATE OR REPLACE FUNCTION nightbell.drop_past_partition() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    past regclass := (SELECT p FROM nightbell.past_partitions() AS p LIMIT 1);
    name text := past;
BEGIN
    IF past IS NOT NULL THEN
        PERFORM nightbell.lock_notifications(true);
        EXECUTE format('DROP TABLE %s', past);
    END IF;
    RETURN name;
END
$$;

-- Detaches one past partition without dropping it; NULL: there is none. From then on nobody reads or changes it, so it
-- can be archived without a lock. Only drop_detached() drops it.
CREATE OR REPLACE FUNCTION nightbell.detach_past_partition() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    past regclass := (SELECT p FROM nightbell.past_partitions() AS p LIMIT 1);
    name text := 'past_' || (SELECT c.relname FROM pg_class c WHERE c.oid = past);
BEGIN
    IF past IS NOT NULL THEN
        PERFORM nightbell.lock_notifications(true);
        EXECUTE format('ALTER TABLE nightbell.notifications DETACH PARTITION %s', past);
        EXECUTE format('ALTER TABLE %s RENAME TO %I', past, name);
    END IF;
    RETURN name;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.detached_partitions() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT c.relname::text FROM pg_class c
    WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'past\_notifications\_%'
    ORDER BY c.relname
$$;

CREATE OR REPLACE FUNCTION nightbell.require_detached(partition text) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM nightbell.detached_partitions() AS d WHERE d = partition) THEN
        PERFORM nightbell.refuse('P0002', format('there is no detached partition "%s"', left(partition, 100)), NULL);
    END IF;
END
$$;

-- The rows of a detached partition after a key, in the order of the key.
CREATE OR REPLACE FUNCTION nightbell.detached_lines(partition text, after_tenant uuid, after_user uuid, after_id uuid, batch int)
RETURNS TABLE (tenant_id uuid, user_id uuid, id uuid, line text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    PERFORM nightbell.require_detached(partition);
    RETURN QUERY EXECUTE format(
        'SELECT n.tenant_id, n.user_id, n.id, nightbell.archived_notification(to_jsonb(n)) FROM nightbell.%I n
         WHERE (n.tenant_id, n.user_id, n.id) > ($1, $2, $3) ORDER BY n.tenant_id, n.user_id, n.id LIMIT $4', partition)
        USING after_tenant, after_user, after_id, batch;
END
$$;

-- Drops a detached partition if all its rows were archived, by their number.
CREATE OR REPLACE FUNCTION nightbell.drop_detached(partition text, archived bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    there bigint;
BEGIN
    PERFORM nightbell.require_detached(partition);
    LOCK TABLE nightbell.users, nightbell.notification_types IN ACCESS EXCLUSIVE MODE; -- its triggers there are dropped
    EXECUTE format('LOCK TABLE nightbell.%I IN ACCESS EXCLUSIVE MODE', partition);
    EXECUTE format('SELECT count(*) FROM nightbell.%I', partition) INTO there;
    IF there <> archived THEN
        PERFORM nightbell.refuse('40001', format('%s has %s rows, %s were archived', partition, there, archived), 'Try again.');
    END IF;
    EXECUTE format('DROP TABLE nightbell.%I', partition);
END
$$;

-- ---- rows ----

-- Rows locked by an open transaction are left for the next purge, so that nobody can hold up the removal of the others.

-- An archived row has the members of `nightbell export`, and the row's other columns.
CREATE OR REPLACE FUNCTION nightbell.archived_notification(n jsonb) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT ((n - '{created_xid,changed_xid,rate_slot}'::text[]) || jsonb_build_object('kind', 'notification', 'is_announcement', false,
        'status', CASE WHEN n ->> 'archived_at' IS NOT NULL THEN 'archived' WHEN n ->> 'read_at' IS NOT NULL THEN 'read' ELSE 'unread' END,
        'user_name', (SELECT u.name FROM nightbell.users u
                      WHERE u.tenant_id = (n ->> 'tenant_id')::uuid AND u.id = (n ->> 'user_id')::uuid)))::text
$$;

-- The conditions under which a notification o is past its tenant's retention, each served by an index or by partition
-- bounds. Conditions that no tenant's settings need are left out, because each costs a search in every partition.
CREATE OR REPLACE FUNCTION nightbell.past_conditions() RETURNS SETOF text
LANGUAGE sql STABLE
AS $$
    VALUES ('o.id < c.aged'), ('o.expires_at <= now()')
    UNION ALL
    SELECT 'o.id < c.aged_when_read AND o.read_at < c.read' WHERE EXISTS (
        SELECT FROM nightbell.cutoffs() c WHERE c.read > c.notifications)
    UNION ALL
    SELECT 'EXISTS (SELECT FROM nightbell.users u WHERE u.tenant_id = o.tenant_id AND u.id = o.user_id AND u.deleted_at < c.deleted_users)'
    WHERE EXISTS (SELECT FROM nightbell.users u JOIN nightbell.cutoffs() c ON c.tenant_id = u.tenant_id WHERE u.deleted_at < c.deleted_users)
$$;

-- The searches for past notifications: FROM and WHERE of a query, one per partition and condition.
CREATE OR REPLACE FUNCTION nightbell.past_searches() RETURNS TABLE (partition regclass, source text, condition text)
LANGUAGE sql STABLE
AS $$
    SELECT p.partition, format(
        '%s o JOIN (SELECT k.tenant_id, k.read, k.deleted_users, nightbell.uuidv7_floor(k.notifications) AS aged,
             nightbell.uuidv7_floor(k.read) AS aged_when_read FROM nightbell.cutoffs() k) AS c ON c.tenant_id = o.tenant_id',
        p.partition), condition
    FROM nightbell.partitions() p CROSS JOIN nightbell.past_conditions() AS condition
    WHERE p.is_default OR p.lower_id < (
        SELECT nightbell.uuidv7_floor(CASE WHEN starts_with(condition, 'o.id < c.aged') THEN max(c.read) ELSE now() END)
        FROM nightbell.cutoffs() c)
    ORDER BY p.lower_id
$$;

-- Deletes directly from the partitions, which have no doorbell triggers: these rows have long been out of sight.
CREATE OR REPLACE FUNCTION nightbell.take_past_notifications(batch int, lines boolean) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    past record;
    taken int;
BEGIN
    FOR past IN SELECT * FROM nightbell.past_searches() LOOP
        RETURN QUERY EXECUTE format(
            'DELETE FROM %s n WHERE n.ctid = ANY (ARRAY(SELECT o.ctid FROM %s WHERE %s LIMIT $1 FOR UPDATE OF o SKIP LOCKED))
             RETURNING CASE WHEN $2 THEN nightbell.archived_notification(to_jsonb(n)) END',
            past.partition, past.source, past.condition)
            USING batch, lines;
        GET DIAGNOSTICS taken = ROW_COUNT;
        batch := batch - taken;
        EXIT WHEN batch <= 0;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.past_announcements() RETURNS TABLE (tenant_id uuid, id uuid)
LANGUAGE sql STABLE
AS $$
    SELECT a.tenant_id, a.id FROM nightbell.announcements a JOIN nightbell.cutoffs() c ON c.tenant_id = a.tenant_id
    WHERE a.id < nightbell.uuidv7_floor(c.notifications) OR a.expires_at <= now()
$$;

-- Deletes the receipts of past announcements, before the announcements. An announcement is withdrawn first, or it would
-- be unread again without its receipts.
CREATE OR REPLACE FUNCTION nightbell.take_past_receipts(batch int, lines boolean) RETURNS SETOF text
LANGUAGE sql
AS $$
    UPDATE nightbell.announcements a SET deleted_at = now() WHERE a.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.past_announcements() p
        JOIN nightbell.announcements o ON o.tenant_id = p.tenant_id AND o.id = p.id
        WHERE o.deleted_at IS NULL FOR UPDATE OF o SKIP LOCKED));

    DELETE FROM nightbell.receipts r WHERE r.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.past_announcements() p
        JOIN nightbell.announcements a ON a.tenant_id = p.tenant_id AND a.id = p.id AND a.deleted_at IS NOT NULL
        JOIN nightbell.receipts o ON o.tenant_id = p.tenant_id AND o.notification_id = p.id
        LIMIT batch FOR UPDATE OF o SKIP LOCKED) || ARRAY(
        SELECT o.ctid FROM nightbell.users u JOIN nightbell.cutoffs() c ON c.tenant_id = u.tenant_id
        JOIN nightbell.receipts o ON o.tenant_id = u.tenant_id AND o.user_id = u.id WHERE u.deleted_at < c.deleted_users
        LIMIT batch FOR UPDATE OF o SKIP LOCKED))
    RETURNING CASE WHEN lines THEN ((to_jsonb(r) - 'changed_xid') || jsonb_build_object('kind', 'receipt', 'user_name',
        (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = r.tenant_id AND u.id = r.user_id)))::text END;
$$;

CREATE OR REPLACE FUNCTION nightbell.take_past_announcements(batch int, lines boolean) RETURNS SETOF text
LANGUAGE sql
AS $$
    DELETE FROM nightbell.announcements a WHERE a.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.past_announcements() p
        JOIN nightbell.announcements o ON o.tenant_id = p.tenant_id AND o.id = p.id
        WHERE NOT EXISTS (SELECT FROM nightbell.receipts r WHERE r.tenant_id = o.tenant_id AND r.notification_id = o.id)
        LIMIT batch FOR UPDATE OF o SKIP LOCKED))
    RETURNING CASE WHEN lines THEN ((to_jsonb(a) - '{created_xid,changed_xid,deleted_at}'::text[]) || jsonb_build_object(
        'kind', 'announcement', 'is_announcement', true))::text END;
$$;

-- Deletes past events with their history. What follows from the time of reading is written as it is now, as the views have it.
CREATE OR REPLACE FUNCTION nightbell.take_past_events(batch int, lines boolean) RETURNS SETOF text
LANGUAGE sql
AS $$
    DELETE FROM nightbell.admin_system_events e WHERE e.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.admin_system_events o LEFT JOIN nightbell.cutoffs() c ON c.tenant_id = o.tenant_id
        WHERE o.created_at < coalesce(c.events, now() - interval '365 days')
            AND o.last_seen_at < coalesce(c.events, now() - interval '365 days')
        ORDER BY o.created_at LIMIT batch FOR UPDATE OF o SKIP LOCKED))
    RETURNING CASE WHEN lines THEN ((to_jsonb(e) - '{created_xid,changed_xid}'::text[]) || jsonb_build_object('kind', 'event',
        'state', CASE WHEN e.is_resolved THEN 'resolved' ELSE 'open' END,
        'auto_resolve_at', CASE WHEN NOT e.is_resolved THEN e.auto_resolve_at END,
        'is_stale', NOT e.is_resolved AND e.stale_at <= now() IS TRUE,
        'is_flapping', e.flapping_until > now() IS TRUE,
        'held_by', (SELECT w.window_id FROM nightbell.window_holding(e.tenant_id, e.event_type, e.source, e.severity::text, e.details, now()) w
                    WHERE NOT e.is_resolved ORDER BY w.behaviour <> 'escalation' DESC, w.until DESC LIMIT 1),
        'tenant_name', (SELECT t.name FROM nightbell.tenants t WHERE t.id = e.tenant_id),
        'user_name', (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = e.tenant_id AND u.id = e.user_id),
        'history', (SELECT coalesce(jsonb_agg(to_jsonb(h) - '{event_id,tenant_id,version,previous}'::text[] ORDER BY h.id), '[]')
                    FROM nightbell.event_actions h WHERE h.event_id = e.id)))::text END;
$$;

-- Removes a deleted user when no row is left that is theirs or names them.
CREATE OR REPLACE FUNCTION nightbell.take_past_users(batch int, lines boolean) RETURNS SETOF text
LANGUAGE sql
AS $$
    DELETE FROM nightbell.users d WHERE d.ctid = ANY (ARRAY(
        SELECT u.ctid FROM nightbell.users u JOIN nightbell.cutoffs() c ON c.tenant_id = u.tenant_id
        WHERE u.deleted_at < c.deleted_users
            AND NOT EXISTS (SELECT FROM nightbell.notifications n WHERE n.tenant_id = u.tenant_id AND n.user_id = u.id)
            AND NOT EXISTS (SELECT FROM nightbell.notifications n WHERE n.tenant_id = u.tenant_id AND n.actor_id = u.id)
            AND NOT EXISTS (SELECT FROM nightbell.announcements a WHERE a.tenant_id = u.tenant_id AND a.actor_id = u.id)
            AND NOT EXISTS (SELECT FROM nightbell.receipts r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id)
            AND NOT EXISTS (SELECT FROM nightbell.admin_system_events e WHERE e.tenant_id = u.tenant_id
                            AND u.id IN (e.user_id, e.resolved_by, e.acknowledged_by, e.assigned_to))
            AND NOT EXISTS (SELECT FROM nightbell.detached_partitions())
        LIMIT batch FOR UPDATE OF u SKIP LOCKED))
    RETURNING CASE WHEN lines THEN (to_jsonb(d) || jsonb_build_object('kind', 'user'))::text END;
$$;

-- Deletes at most `batch` rows of a kind; returns a line for each, NULL if lines are not wanted. No rows: nothing is
-- left.
CREATE OR REPLACE FUNCTION nightbell.take_past(kind text, batch int, lines boolean) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    IF batch IS NULL OR batch NOT BETWEEN 1 AND 100000 THEN
        PERFORM nightbell.refuse('22023', 'a batch has 1 to 100000 rows', NULL);
    END IF;
    CASE kind
    WHEN 'notifications' THEN RETURN QUERY SELECT nightbell.take_past_notifications(batch, lines);
    WHEN 'receipts' THEN RETURN QUERY SELECT nightbell.take_past_receipts(batch, lines);
    WHEN 'announcements' THEN RETURN QUERY SELECT nightbell.take_past_announcements(batch, lines);
    WHEN 'events' THEN RETURN QUERY SELECT nightbell.take_past_events(batch, lines);
    WHEN 'users' THEN RETURN QUERY SELECT nightbell.take_past_users(batch, lines);
    ELSE PERFORM nightbell.refuse('22023', 'there is no such kind', 'Kinds are notifications, receipts, announcements, events, users.');
    END CASE;
END
$$;

-- Deletes one chunk of each kind; 0 for all kinds: nothing is left.
CREATE OR REPLACE FUNCTION nightbell.purge(batch int DEFAULT 5000) RETURNS TABLE (kind text, removed bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    FOREACH kind IN ARRAY '{notifications,receipts,announcements,events,users}'::text[] LOOP
        removed := (SELECT count(*) FROM nightbell.take_past(kind, batch, false));
        RETURN NEXT;
    END LOOP;
    RETURN QUERY SELECT * FROM nightbell.purge_bookkeeping(batch);
END
$$;

-- Deletes bookkeeping rows that have expired; they are not archived.
CREATE OR REPLACE FUNCTION nightbell.purge_bookkeeping(batch int DEFAULT 5000) RETURNS TABLE (kind text, removed bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    DELETE FROM nightbell.dedup_windows d
     WHERE d.ctid = ANY (ARRAY(SELECT w.ctid FROM nightbell.dedup_windows w WHERE w.expires_at <= now() LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'deduplication';
    RETURN NEXT;

    DELETE FROM nightbell.verified_tokens v
    WHERE v.digest = ANY (ARRAY(SELECT t.digest FROM nightbell.verified_tokens t WHERE t.ends_at <= now() FOR UPDATE SKIP LOCKED));
    PERFORM nightbell.level_endings();
    DELETE FROM nightbell.revoked_tokens r
    WHERE r.jti = ANY (ARRAY(SELECT t.jti FROM nightbell.revoked_tokens t WHERE t.expires_at <= now() FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'revoked_tokens';
    RETURN NEXT;

    -- as long as the longest retention of events, so that a message that late is new
    DELETE FROM nightbell.event_episodes d
    WHERE d.ctid = ANY (ARRAY(
        SELECT k.ctid FROM nightbell.event_episodes k
        WHERE k.seen_at < (SELECT least(min(c.events), now() - interval '365 days') FROM nightbell.cutoffs() c)
            AND NOT EXISTS (SELECT FROM nightbell.admin_system_events e WHERE e.id = k.event_id)
        LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'episodes';
    RETURN NEXT;

    -- what a worker does every minute, where none is at work
    PERFORM nightbell.tally_up(greatest(batch, 20000)), nightbell.purge_tallies(batch);
END
$$;

-- Counts what a purge would delete now; deletes nothing.
CREATE OR REPLACE FUNCTION nightbell.purge_preview() RETURNS TABLE (kind text, rows bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    past record;
    counted bigint;
BEGIN
    kind := 'partitions';
    rows := (SELECT count(*) FROM nightbell.past_partitions());
    RETURN NEXT;
    kind := 'notifications';
    rows := 0;
    -- a row that meets two conditions is counted once
    FOR past IN
        SELECT s.source, string_agg('(' || s.condition || ')', ' OR ') AS conditions FROM nightbell.past_searches() s
        WHERE s.partition NOT IN (SELECT nightbell.past_partitions()) GROUP BY s.source
    LOOP
        EXECUTE format('SELECT count(*) FROM %s WHERE %s', past.source, past.conditions) INTO counted;
        rows := rows + counted;
    END LOOP;
    RETURN NEXT;
    RETURN QUERY SELECT 'announcements', count(*) FROM nightbell.past_announcements();
    RETURN QUERY SELECT 'events', count(*)
        FROM nightbell.admin_system_events o LEFT JOIN nightbell.cutoffs() c ON c.tenant_id = o.tenant_id
        WHERE o.created_at < coalesce(c.events, now() - interval '365 days')
            AND o.last_seen_at < coalesce(c.events, now() - interval '365 days');
    RETURN QUERY SELECT 'users', count(*)
        FROM nightbell.users u JOIN nightbell.cutoffs() c ON c.tenant_id = u.tenant_id WHERE u.deleted_at < c.deleted_users;
END
$$;

-- ---- the archive's own records ----

-- An archive is recorded before its file gets its name, so an unfinished record means that the rows of the file are
-- still in the database.
CREATE OR REPLACE FUNCTION nightbell.begin_archive(kind text, directory text, OUT id bigint, OUT file text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    id := nextval(pg_get_serial_sequence('nightbell.archives', 'id'));
    file := format('%s-%s-%s.ndjson.gz', kind, to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'), lpad(id::text, 6, '0'));
    INSERT INTO nightbell.archives (id, kind, directory, file) OVERRIDING SYSTEM VALUE VALUES (id, kind, directory, file);
END
$$;

-- Call in the transaction that deletes the rows.
CREATE OR REPLACE FUNCTION nightbell.finish_archive(archive bigint, rows bigint, bytes bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    UPDATE nightbell.archives a SET rows = finish_archive.rows, bytes = finish_archive.bytes, finished_at = clock_timestamp()
    WHERE a.id = archive
$$;

-- Call when the file of an unfinished archive has been removed.
CREATE OR REPLACE FUNCTION nightbell.forget_archive(archive bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    DELETE FROM nightbell.archives a WHERE a.id = archive AND a.finished_at IS NULL
$$;

CREATE OR REPLACE FUNCTION nightbell.unfinished_archives() RETURNS TABLE (id bigint, directory text, file text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT a.id, a.directory, a.file FROM nightbell.archives a WHERE a.finished_at IS NULL ORDER BY a.id
$$;
