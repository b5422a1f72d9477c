-- App events: publish(), and what raise_event() and notify() put into the outbox. The worker takes them from there.

-- The patterns that match an event type: itself, and every prefix with * behind it, down to *. Rules are looked up by
-- equality with these, so their number does not matter. One by one (LATERAL … OFFSET 0): for all at once the planner, which
-- does not know how many they are, would rather read every rule of the tenant.
CREATE OR REPLACE FUNCTION nightbell.event_candidates(event_type text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN event_type || ARRAY(SELECT left(event_type, n) || '*' FROM generate_series(char_length(event_type), 0, -1) AS n);

-- Whether app events of that type go into the critical lane: an active rule for it is critical by itself.
CREATE OR REPLACE FUNCTION nightbell.is_critical_event(tenant uuid, event_type text) RETURNS boolean
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM unnest(nightbell.event_candidates(is_critical_event.event_type)) AS c (pattern)
        CROSS JOIN LATERAL (SELECT FROM nightbell.rules r WHERE r.tenant_id = tenant AND r.event_type = c.pattern
                                AND r.is_active AND r.urgency = 'critical' OFFSET 0) AS r);
END
$$;

-- The first problem, as sqlstate, problem, hint; problem NULL: none.
CREATE OR REPLACE FUNCTION nightbell.check_app_event(producer nightbell.producer, tenant uuid, event_type text, module text,
    context jsonb, idempotency_key text, OUT sqlstate text, OUT problem text, OUT hint text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    home CONSTANT uuid := coalesce(tenant, producer.tenant_id);
BEGIN
    IF NOT nightbell.may_produce_for(producer, tenant) THEN
        sqlstate := '42501';
        problem := 'this session may produce for its own tenant only';
        hint := 'Leave the tenant out, or use a token of that tenant.';
        RETURN;
    END IF;
    sqlstate := '22023';
    IF home IS NULL THEN
        problem := 'no tenant is named, and this session has none of its own';
        hint := 'Name the tenant by its UUID.';
        RETURN;
    END IF;
    problem := CASE
        WHEN event_type IS NULL OR event_type = '' THEN 'the event type is empty'
        WHEN char_length(event_type) > 100 THEN 'the event type is longer than 100 characters'
        WHEN event_type ~ '[*[:space:][:cntrl:]]' THEN 'the event type contains a blank, a control character or *'
        WHEN module IS NULL OR module = '' THEN 'the module is empty'
        WHEN char_length(module) > 100 THEN 'the module is longer than 100 characters'
        WHEN module ~ '[[:cntrl:]]' THEN 'the module contains control characters'
        WHEN context IS NULL THEN 'the context is missing'
        WHEN jsonb_typeof(context) <> 'object' THEN format('the context is a JSON %s; it must be an object', jsonb_typeof(context))
        WHEN octet_length(context::text) > 65536 THEN format('the context has %s bytes; at most 65536 are allowed', octet_length(context::text))
        WHEN octet_length(idempotency_key) NOT BETWEEN 1 AND 255 THEN 'the idempotency key must have 1 to 255 bytes'
        END;
    IF problem IS NOT NULL THEN
        hint := CASE WHEN problem LIKE 'the event type contains%' THEN 'Write it like po_approved or order.created.'
                     WHEN problem = 'the context is missing' THEN 'Give {} where there is nothing to tell.' END;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM nightbell.tenants t WHERE t.id = home) THEN
        sqlstate := 'P0002';
        problem := format('there is no tenant %s', home);
    ELSE
        sqlstate := NULL;
    END IF;
END
$$;

-- Stores an app event. The same idempotency key again returns the first id and stores nothing, for as long as the first
-- one is kept (retention of the outbox).
CREATE OR REPLACE FUNCTION nightbell.store_app_event(tenant uuid, name text, of_module text, content jsonb, key text,
                                                     happened_at timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    stored bigint;
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    LOOP
        INSERT INTO nightbell.outbox AS o (tenant_id, event_type, module, context, idempotency_key, occurred_at, critical, next_attempt_at)
        VALUES (tenant, name, of_module, content, key, coalesce(happened_at, at), nightbell.is_critical_event(tenant, name), at)
        ON CONFLICT (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
        RETURNING o.id INTO stored;
        EXIT WHEN FOUND;
        SELECT o.id INTO stored FROM nightbell.outbox o WHERE o.tenant_id = tenant AND o.idempotency_key = key;
        EXIT WHEN FOUND; -- otherwise it was purged between the two statements: try again
    END LOOP;
    RETURN stored;
END
$$;

-- Publishes what happened, in the caller's transaction; rules decide who hears of it. Returns the app event's id.
CREATE OR REPLACE FUNCTION nightbell.publish(tenant uuid, event_type text, module text, context jsonb DEFAULT '{}',
    idempotency_key text DEFAULT NULL, occurred_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    producer CONSTANT nightbell.producer := nightbell.producing();
    wrong record;
BEGIN
    SELECT * INTO wrong FROM nightbell.check_app_event(producer, tenant, event_type, module, context, idempotency_key);
    IF wrong.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(wrong.sqlstate, wrong.problem, wrong.hint);
    END IF;
    RETURN nightbell.store_app_event(coalesce(tenant, producer.tenant_id), event_type, module, context, idempotency_key, occurred_at);
END
$$;

-- Publishes one app event from a JSON object whose members are the arguments of publish(). Returns a problem instead of
-- raising an error.
CREATE OR REPLACE FUNCTION nightbell.publish_item(producer nightbell.producer, item jsonb,
                                                  OUT id text, OUT sqlstate text, OUT problem text)
LANGUAGE plpgsql
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    members CONSTANT text[] := '{event_type,module,context,tenant,idempotency_key,occurred_at}';
    context jsonb;
    happened timestamptz;
    wrong record;
BEGIN
    sqlstate := '22023';
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        problem := 'the item is not a JSON object';
        RETURN;
    END IF;
    SELECT CASE
        WHEN k.key <> ALL (members) THEN
            format('unknown member "%s": members are %s', left(k.key, 100), array_to_string(members, ', '))
        WHEN k.key = 'tenant' AND k.value <> 'null' AND k.value #>> '{}' !~ uuid_pattern THEN 'tenant must be a UUID'
        WHEN k.key NOT IN ('context', 'tenant') AND jsonb_typeof(k.value) NOT IN ('string', 'null')
            THEN format('%s must be a string', k.key)
        END INTO problem
    FROM jsonb_each(item) AS k ORDER BY 1 NULLS LAST LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    IF item ->> 'occurred_at' IS NOT NULL THEN
        BEGIN
            happened := item ->> 'occurred_at';
        EXCEPTION WHEN OTHERS THEN
            problem := format('occurred_at "%s" is not a time', left(item ->> 'occurred_at', 60));
            RETURN;
        END;
    END IF;
    context := coalesce(nullif(item -> 'context', 'null'), '{}');
    SELECT * INTO wrong
    FROM nightbell.check_app_event(producer, (item ->> 'tenant')::uuid, item ->> 'event_type', item ->> 'module', context,
                                   item ->> 'idempotency_key');
    sqlstate := wrong.sqlstate;
    problem := wrong.problem;
    IF problem IS NULL THEN
        id := nightbell.store_app_event(coalesce((item ->> 'tenant')::uuid, producer.tenant_id), item ->> 'event_type',
                                        item ->> 'module', context, item ->> 'idempotency_key', happened);
    END IF;
END
$$;

-- The outcomes of a stream's items, in order; for produce_many().
CREATE OR REPLACE FUNCTION nightbell.publish_items(producer nightbell.producer, items jsonb[])
RETURNS TABLE (ordinal int, id text, sqlstate text, message text)
LANGUAGE sql VOLATILE
AS $$
    SELECT i.n::int, p.id, p.sqlstate, p.problem
    FROM unnest(items) WITH ORDINALITY AS i (item, n) CROSS JOIN LATERAL nightbell.publish_item(producer, i.item) AS p
    ORDER BY i.n
$$;

-- For what is no producer's app event: a system event or a notification. Stored only where an active rule of the tenant
-- may match it (source_kind notify: always), so that raise_event() costs little where nobody waits for it. tenant NULL
-- (of the whole installation): there are no rules for it. Returns the id; NULL: not stored.
CREATE OR REPLACE FUNCTION nightbell.outbox_put(tenant uuid, event_type text, context jsonb, critical boolean, source_kind text,
    subject_id text, "user" uuid DEFAULT NULL, module text DEFAULT 'system') RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
#variable_conflict use_variable
DECLARE
    stored bigint;
    at timestamptz;
BEGIN
    IF tenant IS NULL OR source_kind <> 'notify' AND NOT EXISTS (
        SELECT FROM unnest(nightbell.event_candidates(event_type)) AS c (pattern)
        CROSS JOIN LATERAL (SELECT FROM nightbell.rules r WHERE r.tenant_id = tenant AND r.event_type = c.pattern AND r.is_active
                                AND (r.module IS NULL OR r.module = module) OFFSET 0) AS r) THEN
        RETURN NULL;
    END IF;
    at := nightbell.clock();
    INSERT INTO nightbell.outbox AS o (tenant_id, event_type, module, context, occurred_at, critical, source_kind, subject_id, user_id,
                                       next_attempt_at)
    VALUES (tenant, event_type, module, context, at, critical, source_kind, subject_id, "user", at)
    RETURNING o.id INTO stored;
    RETURN stored;
END
$$;

-- A system event is an app event of the module system each time people are to be told of it (noticed_at): when it is
-- raised, gets worse, comes back, its acknowledgement or snooze ends, or the window that held it; not each time it is
-- only counted. A trigger, so that whoever raises it need not know of rules.
CREATE OR REPLACE FUNCTION nightbell.event_to_outbox() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.outbox_put(NEW.tenant_id, NEW.event_type, jsonb_strip_nulls(jsonb_build_object('eventId', NEW.id,
        'eventType', NEW.event_type, 'severity', NEW.severity, 'description', NEW.description, 'source', NEW.source,
        'fingerprint', NEW.fingerprint, 'userId', NEW.user_id)) || jsonb_build_object('details', coalesce(NEW.details, '{}')),
        NEW.severity = 'critical', 'event', NEW.id::text);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER to_outbox_raised AFTER INSERT ON nightbell.admin_system_events
    FOR EACH ROW WHEN (NEW.tenant_id IS NOT NULL AND NOT NEW.is_resolved) EXECUTE FUNCTION nightbell.event_to_outbox();
DROP TRIGGER IF EXISTS to_outbox_worsened ON nightbell.admin_system_events;
CREATE OR REPLACE TRIGGER to_outbox_noticed AFTER UPDATE ON nightbell.admin_system_events
    FOR EACH ROW WHEN (NEW.tenant_id IS NOT NULL AND NOT NEW.is_resolved AND OLD.noticed_at IS DISTINCT FROM NEW.noticed_at)
    EXECUTE FUNCTION nightbell.event_to_outbox();

-- ---- the doorbell of the workers ----

-- One bell for all workers, once a transaction; it carries nothing.
CREATE OR REPLACE FUNCTION nightbell.ring_workers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    IF current_setting('nightbell.ring', true) = 'after' THEN
        PERFORM nightbell.note_rings('{outbox}', ARRAY[NULL::uuid], ARRAY[NULL::uuid], '{insert}', '{1}');
    ELSE
        PERFORM nightbell.send_rings('{outbox}', ARRAY[NULL::uuid], ARRAY[NULL::uuid], '{insert}', '{1}');
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.outbox FOR EACH STATEMENT
    WHEN (current_setting('nightbell.ring', true) IS DISTINCT FROM 'deferred') EXECUTE FUNCTION nightbell.ring_workers();

-- The channel that wakes workers.
CREATE OR REPLACE FUNCTION nightbell.worker_channel() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT nightbell.doorbell_key(i.doorbell_secret, 'outbox', NULL, NULL) FROM nightbell.installation i $$;
