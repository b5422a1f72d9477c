-- Workers: who is at work, who does what only one of them may do, and what the engine notices of itself.

-- Registers a worker. A former one of that name is over: it would have said so, had it not been killed.
CREATE OR REPLACE FUNCTION nightbell.worker_start(worker_name text, on_host text, process int, of_version text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    started uuid := gen_random_uuid();
BEGIN
    UPDATE nightbell.workers w SET stopped_at = clock_timestamp() WHERE w.name = left(worker_name, 200) AND w.stopped_at IS NULL;
    INSERT INTO nightbell.workers (id, name, host, pid, version)
    VALUES (started, left(worker_name, 200), left(on_host, 200), process, left(of_version, 100));
    RETURN started;
END
$$;

-- A sign of life, with what it has done since it started; with done it says that it ends.
CREATE OR REPLACE FUNCTION nightbell.worker_beat(worker uuid, processed bigint, failed bigint, done boolean) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    UPDATE nightbell.workers w SET heartbeat_at = clock_timestamp(), processed = worker_beat.processed, failed = worker_beat.failed,
        stopped_at = CASE WHEN done THEN clock_timestamp() END
    WHERE w.id = worker
$$;

-- The worker that holds this advisory lock of the database does the duties that are for one only.
CREATE OR REPLACE FUNCTION nightbell.duties_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 7956003915053557101; -- beside ringer_lock()

-- Whether this session does the duties from now on. Anybody can take an advisory lock, so a holder that is no worker is
-- ignored: a duty done twice does no harm, one not done does.
CREATE OR REPLACE FUNCTION nightbell.take_duties() RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT pg_try_advisory_lock(nightbell.duties_lock()) OR NOT EXISTS (
        SELECT FROM pg_locks l
        JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        JOIN pg_stat_get_activity(l.pid) a ON true
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND (l.classid::bigint << 32 | l.objid::bigint) = nightbell.duties_lock()
            AND (pg_has_role(a.usesysid, 'nightbell_worker', 'MEMBER') OR pg_has_role(a.usesysid, 'nightbell_admin', 'MEMBER')))
$$;

-- Raises an event of the engine when something is bad and none is open, and settles it when it is good again.
CREATE OR REPLACE FUNCTION nightbell.engine_alarm(tenant uuid, event_type text, mark text, is_bad boolean, severity text,
                                                  description text, details jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_variable
DECLARE
    open_event bigint := (SELECT e.id FROM nightbell.admin_system_events e
        WHERE e.tenant_id IS NOT DISTINCT FROM tenant AND e.event_type = event_type AND e.fingerprint = mark AND NOT e.is_resolved LIMIT 1);
BEGIN
    IF is_bad AND open_event IS NULL THEN
        PERFORM nightbell.raise_event(event_type, severity, description, details, tenant, NULL, mark, 'nightbell');
        RETURN true;
    ELSIF NOT is_bad AND open_event IS NOT NULL THEN
        PERFORM nightbell.settle_event('nightbell', mark, NULL, 'it is over', tenant);
        RETURN true;
    END IF;
    RETURN false;
END
$$;

-- A duty of the worker: looks after the queue, dead letters and workers, and those of deliveries. Returns how many events it raised or settled.
CREATE OR REPLACE FUNCTION nightbell.engine_watch(most_waiting bigint DEFAULT 100000, longest_wait interval DEFAULT '5 minutes',
                                                  longest_silence interval DEFAULT '2 minutes') RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    waiting bigint;
    oldest timestamptz;
    one record;
    changed bigint := 0;
BEGIN
    SELECT count(*) INTO waiting FROM (SELECT FROM nightbell.outbox o WHERE o.next_attempt_at <= at LIMIT most_waiting + 1) AS w;
    SELECT min(o.next_attempt_at) INTO oldest FROM nightbell.outbox o WHERE o.next_attempt_at <= at;
    changed := changed + nightbell.engine_alarm(NULL, 'engine_queue', 'engine_queue', waiting > most_waiting OR at - oldest > longest_wait IS TRUE,
        'high', 'app events wait too long: are the workers running?',
        jsonb_build_object('waiting', waiting, 'oldest', oldest))::int;
    FOR one IN
        SELECT t.tenant_id, sum(t.dead) AS dead FROM (
            SELECT o.tenant_id, 1 AS dead FROM nightbell.outbox o WHERE o.dead_at > at - interval '1 day'
            UNION ALL
            SELECT e.tenant_id, 0 FROM nightbell.admin_system_events e
            WHERE e.event_type = 'engine_dead_letters' AND e.fingerprint = 'engine_dead_letters' AND NOT e.is_resolved AND e.tenant_id IS NOT NULL) AS t
        GROUP BY t.tenant_id
    LOOP
        changed := changed + nightbell.engine_alarm(one.tenant_id, 'engine_dead_letters', 'engine_dead_letters', one.dead > 0, 'high',
            format('%s app events could not be processed and are dead letters', one.dead), jsonb_build_object('dead_letters', one.dead,
                'latest', (SELECT o.error FROM nightbell.outbox o WHERE o.tenant_id = one.tenant_id AND o.dead_at IS NOT NULL
                           ORDER BY o.dead_at DESC LIMIT 1)))::int;
    END LOOP;
    FOR one IN
        SELECT w.name, bool_or(w.stopped_at IS NULL AND w.heartbeat_at < clock_timestamp() - longest_silence) AS gone,
            max(w.heartbeat_at) AS seen
        FROM nightbell.workers w WHERE w.heartbeat_at > clock_timestamp() - interval '30 days' GROUP BY w.name
    LOOP
        changed := changed + nightbell.engine_alarm(NULL, 'engine_worker_gone', 'engine_worker_gone:' || left(one.name, 200), one.gone, 'high',
            format('the worker %s is gone: it gave no sign of life and did not say that it ends', one.name),
            jsonb_build_object('worker', one.name, 'last_seen', one.seen))::int;
    END LOOP;
    RETURN changed + nightbell.delivery_watch(longest_wait, longest_silence);
END
$$;
