-- Rules for every writer, whether the schema's own functions or a superuser in psql.

-- Stamps changed rows and refuses changes to a notification's contents. A row-level trigger, cloned to every partition.
CREATE OR REPLACE FUNCTION nightbell.guard_notification() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.user_id, NEW.type, NEW.title, NEW.message, NEW.data, NEW.actor_id, NEW.actor_name,
        NEW.created_at, NEW.created_xid)
       IS DISTINCT FROM
       (OLD.id, OLD.tenant_id, OLD.user_id, OLD.type, OLD.title, OLD.message, OLD.data, OLD.actor_id, OLD.actor_name,
        OLD.created_at, OLD.created_xid)
    THEN
        RAISE EXCEPTION 'a notification is written once: only its state can change'
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'Leave id, tenant_id, user_id, type, title, message, data, actor and created_at as they are; send a new one instead.';
    END IF;
    NEW.updated_at := now();
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON nightbell.notifications
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_notification();

CREATE OR REPLACE FUNCTION nightbell.guard_announcement() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.type, NEW.title, NEW.message, NEW.data, NEW.actor_id, NEW.actor_name,
        NEW.created_at, NEW.created_xid)
       IS DISTINCT FROM
       (OLD.id, OLD.tenant_id, OLD.type, OLD.title, OLD.message, OLD.data, OLD.actor_id, OLD.actor_name,
        OLD.created_at, OLD.created_xid)
    THEN
        RAISE EXCEPTION 'an announcement is written once: it can only be withdrawn'
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'Set deleted_at to withdraw it; send a new one instead of changing it.';
    END IF;
    NEW.updated_at := now();
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON nightbell.announcements
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_announcement();

CREATE OR REPLACE FUNCTION nightbell.guard_receipt() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.tenant_id, NEW.notification_id, NEW.user_id) IS DISTINCT FROM (OLD.tenant_id, OLD.notification_id, OLD.user_id) THEN
        RAISE EXCEPTION 'a receipt cannot be given to somebody else' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.updated_at := now();
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON nightbell.receipts
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_receipt();

-- open -> resolved -> open. A program that knows only is_resolved may set just that: the time is filled in and cleared
-- with it. Resolving a resolved event again must not replace who resolved it first, so it is refused.
CREATE OR REPLACE FUNCTION nightbell.guard_event() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.is_resolved THEN
            NEW.resolved_at := coalesce(NEW.resolved_at, now());
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.created_at, NEW.event_type, NEW.description, NEW.details, NEW.tenant_id, NEW.user_id, NEW.fingerprint,
        NEW.source, NEW.created_xid)
       IS DISTINCT FROM
       (OLD.id, OLD.created_at, OLD.event_type, OLD.description, OLD.details, OLD.tenant_id, OLD.user_id, OLD.fingerprint,
        OLD.source, OLD.created_xid)
    THEN
        RAISE EXCEPTION 'a system event is written once: only its state can change'
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Write a note on it (event_act), or raise another event.';
    END IF;
    IF nightbell.severity_rank(NEW.severity) < nightbell.severity_rank(OLD.severity) THEN
        RAISE EXCEPTION 'the severity of an event is never lowered (% to %)', OLD.severity, NEW.severity
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Resolve it, or write a note.';
    END IF;
    IF NEW.is_resolved AND NOT OLD.is_resolved THEN
        NEW.resolved_at := coalesce(NEW.resolved_at, now());
    ELSIF OLD.is_resolved AND NOT NEW.is_resolved THEN
        NEW.resolved_at := NULL;
        NEW.resolved_by := NULL;
        NEW.resolution := NULL;
        NEW.settled_by := NULL;
        IF NEW.auto_resolve_at IS NOT NULL AND NEW.auto_resolve_at = OLD.auto_resolve_at THEN -- quiet from now on
            NEW.auto_resolve_at := nightbell.clock() + (OLD.auto_resolve_at - OLD.last_seen_at);
        END IF;
    ELSIF OLD.is_resolved AND (NEW.resolved_at, NEW.resolved_by) IS DISTINCT FROM (OLD.resolved_at, OLD.resolved_by) THEN
        RAISE EXCEPTION 'the event is resolved already: who resolved it first stays'
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Reopen it first.';
    END IF;
    IF NEW.severity IS DISTINCT FROM OLD.severity AND NOT NEW.is_resolved THEN
        -- it is worse: who had seen it has not seen this
        NEW.noticed_at := greatest(NEW.noticed_at, nightbell.clock());
        IF NEW.version = OLD.version AND (NEW.acknowledged_at IS NOT NULL OR NEW.snoozed_until > NEW.noticed_at) THEN
            NEW.version := OLD.version + 1;
            NEW.acknowledged_at := NULL;
            NEW.acknowledged_by := NULL;
            NEW.snoozed_until := CASE WHEN NEW.snoozed_until <= NEW.noticed_at THEN NEW.snoozed_until END;
        END IF;
    END IF;
    IF NEW.acknowledged_at IS NULL THEN
        NEW.ack_remind_at := NULL;
        NEW.ack_expires_at := NULL;
    ELSIF NEW.acknowledged_at IS DISTINCT FROM OLD.acknowledged_at THEN
        NEW.ack_expires_at := NEW.acknowledged_at + (nightbell.event_settings(NEW.tenant_id, NEW.event_type)).ack_expires;
        NEW.ack_remind_at := NEW.ack_expires_at - (NEW.ack_expires_at - NEW.acknowledged_at) / 4;
    END IF;
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON nightbell.admin_system_events
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_event();

-- The history is append-only, and is deleted only together with its event.
CREATE OR REPLACE FUNCTION nightbell.guard_history() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM nightbell.admin_system_events e WHERE e.id = OLD.event_id) THEN
        RETURN OLD; -- the cascade of a deleted event
    END IF;
    RAISE EXCEPTION 'the history of system events is append-only'
        USING ERRCODE = 'integrity_constraint_violation', HINT = 'It goes with its event, by retention.';
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE OR DELETE ON nightbell.event_actions
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_history();
CREATE OR REPLACE TRIGGER guard_truncate BEFORE TRUNCATE ON nightbell.event_actions
    FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_history();

-- A statement trigger, because reading pg_timezone_names reads a directory.
CREATE OR REPLACE FUNCTION nightbell.guard_time_zones() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    wrong text;
BEGIN
    IF NOT EXISTS (SELECT FROM written WHERE time_zone <> 'UTC') THEN
        RETURN NULL;
    END IF;
    SELECT w.time_zone INTO wrong
    FROM (SELECT DISTINCT time_zone FROM written WHERE time_zone <> 'UTC') w
    WHERE w.time_zone NOT IN (SELECT name FROM pg_catalog.pg_timezone_names) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown time zone "%"', left(wrong, 100)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use a name such as Europe/Berlin; pg_timezone_names lists them.';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER time_zones_inserted AFTER INSERT ON nightbell.users
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
CREATE OR REPLACE TRIGGER time_zones_updated AFTER UPDATE ON nightbell.users
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();

-- An invalid setting would break every notify() of the tenant or be ignored silently, so it is refused when written.
CREATE OR REPLACE FUNCTION nightbell.guard_tenant() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    wrong text;
BEGIN
    -- a number of days, for a kind that has a retention
    SELECT s.key INTO wrong FROM jsonb_each(NEW.settings) AS s
    WHERE starts_with(s.key, 'retention_days_') AND (
        substr(s.key, 16) <> ALL ('{notifications,read,deleted_users,events}')
        OR s.value #>> '{}' !~ '^[1-9][0-9]{0,3}$' OR (s.value #>> '{}')::numeric > 3650) IS NOT FALSE
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the setting % "%" is not a number of days from 1 to 3650', left(wrong, 100), left(NEW.settings ->> wrong, 100)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Settings are retention_days_notifications, retention_days_read, retention_days_deleted_users and retention_days_events; leave one out for the standard.';
    END IF;
    BEGIN
        IF (NEW.settings ->> 'dedup_window')::interval NOT BETWEEN interval '0' AND interval '30 days' THEN
            RAISE EXCEPTION 'dedup_window must be between 0 and 30 days' USING ERRCODE = 'invalid_parameter_value';
        END IF;
    EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR invalid_parameter_value THEN
        RAISE EXCEPTION 'the setting dedup_window "%" is not a time span from 0 to 30 days', left(NEW.settings ->> 'dedup_window', 100)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Write for instance "5 minutes", or "0" to switch it off.';
    END;
    IF NEW.settings ->> 'rate_limit' !~ '^(0|[1-9][0-9]{0,2})$' THEN
        RAISE EXCEPTION 'the setting rate_limit "%" is not a number from 0 to 999', left(NEW.settings ->> 'rate_limit', 100)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'It says how many notifications a minute a user hears; 0 switches the limit off.';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OF settings ON nightbell.tenants
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_tenant();
