-- What wakes a worker for what is due soon. It asks each duty once a minute what is due next (core/engine/duties.c); a time that is
-- stored nearer than that rings the workers, unless they know of a nearer one for the same thing. So what is further off, and what
-- moves its time ahead again and again, rings nobody.

-- Whether a time that is stored has to ring; before: the one that it replaces, which the workers know of.
CREATE OR REPLACE FUNCTION nightbell.is_near(due timestamptz, before timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (before IS NULL OR due < before) AND due < nightbell.clock() + interval '1 minute';
END
$$;

-- Rings the workers once a transaction, also where a hub rings for what is written: it does not look at these times.
CREATE OR REPLACE FUNCTION nightbell.ring_duties() RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF nightbell.ring_mode() = 'after' THEN
        PERFORM nightbell.note_rings('{outbox}', ARRAY[NULL::uuid], ARRAY[NULL::uuid], '{update}', '{1}');
    ELSE
        PERFORM nightbell.send_rings('{outbox}', ARRAY[NULL::uuid], ARRAY[NULL::uuid], '{update}', '{1}');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.ring_near_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.ring_duties();
    RETURN NULL;
END
$$;

-- The next time at which the system does something with an event; NULL: none.
CREATE OR REPLACE FUNCTION nightbell.event_due(event nightbell.admin_system_events) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN NOT (event).is_resolved
    THEN least((event).ack_remind_at, (event).ack_expires_at, (event).snoozed_until, (event).auto_resolve_at) END;

CREATE OR REPLACE TRIGGER ring_near_made AFTER INSERT ON nightbell.admin_system_events FOR EACH ROW
    WHEN (NEW.auto_resolve_at IS NOT NULL AND nightbell.is_near(nightbell.event_due(NEW), NULL)) EXECUTE FUNCTION nightbell.ring_near_time();
CREATE OR REPLACE TRIGGER ring_near_changed AFTER UPDATE ON nightbell.admin_system_events FOR EACH ROW
    WHEN (NOT NEW.is_resolved AND (NEW.ack_expires_at IS NOT NULL OR NEW.snoozed_until IS NOT NULL OR NEW.auto_resolve_at IS NOT NULL)
          AND nightbell.is_near(nightbell.event_due(NEW), nightbell.event_due(OLD))) EXECUTE FUNCTION nightbell.ring_near_time();

CREATE OR REPLACE TRIGGER ring_near_made AFTER INSERT ON nightbell.heartbeat_instances FOR EACH ROW
    WHEN (NEW.due_at IS NOT NULL AND nightbell.is_near(NEW.due_at, NULL)) EXECUTE FUNCTION nightbell.ring_near_time();
CREATE OR REPLACE TRIGGER ring_near_changed AFTER UPDATE ON nightbell.heartbeat_instances FOR EACH ROW
    WHEN (NEW.due_at IS DISTINCT FROM OLD.due_at AND nightbell.is_near(NEW.due_at, OLD.due_at)) EXECUTE FUNCTION nightbell.ring_near_time();

CREATE OR REPLACE TRIGGER ring_near_made AFTER INSERT ON nightbell.window_spans FOR EACH ROW
    WHEN (nightbell.is_near(NEW.ends_at, NULL)) EXECUTE FUNCTION nightbell.ring_near_time();
CREATE OR REPLACE TRIGGER ring_near_changed AFTER UPDATE ON nightbell.window_spans FOR EACH ROW
    WHEN (NEW.caught_up_at IS NULL AND nightbell.is_near(NEW.ends_at, CASE WHEN OLD.caught_up_at IS NULL THEN OLD.ends_at END))
    EXECUTE FUNCTION nightbell.ring_near_time();

-- What recurs and was not worked out yet is to be worked out now.
CREATE OR REPLACE TRIGGER ring_to_expand AFTER INSERT ON nightbell.windows FOR EACH ROW
    WHEN (NEW.expanded_until IS NULL) EXECUTE FUNCTION nightbell.ring_near_time();
CREATE OR REPLACE TRIGGER ring_to_expand_again AFTER UPDATE ON nightbell.windows FOR EACH ROW
    WHEN (NEW.expanded_until IS NULL AND NEW.ended_at IS NULL AND OLD.revision <> NEW.revision) EXECUTE FUNCTION nightbell.ring_near_time();
CREATE OR REPLACE TRIGGER ring_to_expand AFTER INSERT ON nightbell.heartbeats FOR EACH ROW
    WHEN (NEW.rrule IS NOT NULL AND NEW.expanded_until IS NULL) EXECUTE FUNCTION nightbell.ring_near_time();
CREATE OR REPLACE TRIGGER ring_to_expand_again AFTER UPDATE ON nightbell.heartbeats FOR EACH ROW
    WHEN (NEW.rrule IS NOT NULL AND NEW.expanded_until IS NULL AND NEW.is_active AND OLD.revision <> NEW.revision)
    EXECUTE FUNCTION nightbell.ring_near_time();
