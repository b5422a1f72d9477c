-- Times of day on somebody's clock, whatever daylight saving does to it. One rule holds everywhere: a time of day comes when
-- the clock of that date first reads it or more. So it comes exactly once a day: where the clock skips it, at the skip; where
-- the clock reads it twice, the first time.

-- How far the zone's clock is ahead of UTC at that time.
CREATE OR REPLACE FUNCTION nightbell.zone_offset(at timestamptz, zone text) RETURNS interval
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (at AT TIME ZONE zone) - (at AT TIME ZONE 'UTC');

-- The first time at which the zone's clock reads `reading` or more (of a reading that it has not passed on that date).
CREATE OR REPLACE FUNCTION nightbell.clock_reaches(reading timestamp, zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- PostgreSQL takes a reading that comes twice for the second time, and one that is skipped by the offset before
    candidate timestamptz := reading AT TIME ZONE zone;
    before CONSTANT interval := nightbell.zone_offset(candidate - interval '1 day', zone);
    after CONSTANT interval := nightbell.zone_offset(candidate + interval '1 day', zone);
    low timestamptz;
    middle timestamptz;
BEGIN
    IF before > after AND (candidate - (before - after)) AT TIME ZONE zone = reading THEN
        RETURN candidate - (before - after);
    ELSIF before < after AND candidate AT TIME ZONE zone <> reading THEN
        low := candidate - (after - before); -- the clock is changed between the two, on a whole second
        WHILE candidate - low > interval '1 second' LOOP
            middle := date_trunc('second', low + (candidate - low) / 2);
            IF middle <= low THEN
                EXIT;
            ELSIF nightbell.zone_offset(middle, zone) = before THEN
                low := middle;
            ELSE
                candidate := middle;
            END IF;
        END LOOP;
    END IF;
    RETURN candidate;
END
$$;

-- Until when it is quiet, where it is quiet at `at`; otherwise `at`. Quiet hours begin when the clock reaches quiet_from and
-- end when it next reaches quiet_to. Quiet days (1: Monday) are so from midnight to midnight.
DROP FUNCTION IF EXISTS nightbell.quiet_until(timestamptz, text, time, time); -- until version 21
CREATE OR REPLACE FUNCTION nightbell.quiet_until(at timestamptz, zone text, quiet_from time, quiet_to time, quiet_days smallint[] DEFAULT '{}')
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    has_hours CONSTANT boolean := quiet_from IS NOT NULL AND quiet_from <> quiet_to;
    has_days CONSTANT boolean := cardinality(quiet_days) > 0 IS TRUE;
    until timestamptz := at;
    ends timestamptz;
    today date;
BEGIN
    IF NOT has_hours AND NOT has_days THEN
        RETURN at;
    END IF;
    FOR turn IN 1 .. 20 LOOP -- six quiet days, the nights between them, and a skipped hour that lets one begin where another ends
        today := (until AT TIME ZONE zone)::date;
        SELECT max(e.ends) INTO ends
        FROM (SELECT nightbell.clock_reaches(d.day + quiet_from, zone) AS begins,
                  nightbell.clock_reaches(d.day + CASE WHEN quiet_to < quiet_from THEN 1 ELSE 0 END + quiet_to, zone) AS ends
              FROM (VALUES (today - 2), (today - 1), (today), (today + 1)) AS d (day) WHERE has_hours
              UNION ALL
              SELECT nightbell.clock_reaches(d.day::timestamp, zone), nightbell.clock_reaches((d.day + 1)::timestamp, zone)
              FROM (VALUES (today - 1), (today), (today + 1)) AS d (day) WHERE has_days AND extract(isodow FROM d.day) = ANY (quiet_days)) AS e
        WHERE e.begins <= until AND until < e.ends;
        EXIT WHEN ends IS NULL;
        until := ends;
    END LOOP;
    RETURN until;
END
$$;

-- The next slot of a digest: hourly the next full hour of the clock, daily when it next reaches digest_at. Behind `at`; with
-- `from_then`, at `at` at the earliest.
CREATE OR REPLACE FUNCTION nightbell.digest_slot(at timestamptz, zone text, digest text, digest_at time, from_then boolean DEFAULT false)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    earliest CONSTANT timestamptz := CASE WHEN from_then THEN at - interval '1 microsecond' ELSE at END;
    slot timestamptz;
    reading timestamp;
BEGIN
    IF digest = 'hourly' THEN
        slot := earliest;
        FOR turn IN 1 .. 3 LOOP -- more than once where the clock is changed by a part of an hour
            reading := slot AT TIME ZONE zone;
            slot := slot + (date_trunc('hour', reading) + interval '1 hour' - reading);
            EXIT WHEN date_trunc('hour', slot AT TIME ZONE zone) = slot AT TIME ZONE zone;
        END LOOP;
        RETURN slot;
    ELSIF digest = 'daily' THEN
        SELECT min(s.slot) INTO slot
        FROM (SELECT nightbell.clock_reaches((earliest AT TIME ZONE zone)::date + d.days + digest_at, zone) AS slot
              FROM generate_series(-1, 2) AS d (days)) AS s
        WHERE s.slot > earliest;
        RETURN slot;
    END IF;
    RETURN NULL;
END
$$;

-- Until when something for a person is held that would leave at `at`; NULL: it leaves. What ends within quiet hours waits for
-- their end, and what a digest takes for its slot.
DROP FUNCTION IF EXISTS nightbell.held_until(timestamptz, text, time, time, timestamptz, text, time); -- until version 21
CREATE OR REPLACE FUNCTION nightbell.held_until(at timestamptz, zone text, quiet_from time, quiet_to time, dnd_until timestamptz,
                                                digest text, digest_at time, quiet_days smallint[] DEFAULT '{}') RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    free CONSTANT timestamptz := nightbell.quiet_until(greatest(at, dnd_until), zone, quiet_from, quiet_to, quiet_days);
BEGIN
    IF digest <> 'off' THEN
        RETURN nightbell.quiet_until(nightbell.digest_slot(free, zone, digest, digest_at, free > at), zone, quiet_from, quiet_to, quiet_days);
    END IF;
    RETURN nullif(free, at);
END
$$;

-- What holds each of these people at `at`: a row for each who holds anything. free: when quiet hours, quiet days and do not
-- disturb are over, at `at` at the earliest; until: also their digest's slot.
CREATE OR REPLACE FUNCTION nightbell.holds_of(tenants uuid[], users uuid[], at timestamptz)
RETURNS TABLE (tenant_id uuid, user_id uuid, reason text, free timestamptz, until timestamptz, detail jsonb)
LANGUAGE sql STABLE
AS $$
    WITH person AS (
        SELECT s.tenant_id, s.user_id, coalesce(s.time_zone, u.time_zone) AS zone, s.quiet_from, s.quiet_to, s.quiet_days, s.digest, s.digest_at,
            CASE WHEN s.dnd_until > holds_of.at THEN s.dnd_until END AS dnd_until
        FROM (SELECT DISTINCT w.* FROM unnest(tenants, users) AS w (tenant_id, user_id)) AS w
        JOIN nightbell.user_settings s ON s.tenant_id = w.tenant_id AND s.user_id = w.user_id
        JOIN nightbell.users u ON u.tenant_id = w.tenant_id AND u.id = w.user_id
        WHERE s.quiet_from IS NOT NULL OR s.quiet_days <> '{}' OR s.dnd_until > holds_of.at OR s.digest <> 'off'
    ), keyed AS (
        SELECT p.*, concat_ws('|', p.zone, p.quiet_from, p.quiet_to, p.quiet_days, p.dnd_until, p.digest, p.digest_at) AS clock FROM person p
    ), clocks AS MATERIALIZED ( -- many people have the same: each is computed once
        SELECT k.clock, nightbell.quiet_until(holds_of.at, k.zone, k.quiet_from, k.quiet_to, k.quiet_days) > holds_of.at AS is_quiet,
            nightbell.quiet_until(greatest(holds_of.at, k.dnd_until), k.zone, k.quiet_from, k.quiet_to, k.quiet_days) AS free,
            nightbell.held_until(holds_of.at, k.zone, k.quiet_from, k.quiet_to, k.dnd_until, k.digest, k.digest_at, k.quiet_days) AS until
        FROM (SELECT DISTINCT ON (k.clock) k.* FROM keyed k) AS k
    )
    SELECT k.tenant_id, k.user_id,
        CASE WHEN k.dnd_until IS NOT NULL THEN 'do_not_disturb' WHEN c.is_quiet THEN 'quiet_hours' ELSE 'held_for_digest' END,
        c.free, c.until,
        CASE WHEN k.dnd_until IS NOT NULL THEN jsonb_build_object('until', k.dnd_until)
            WHEN c.is_quiet THEN jsonb_strip_nulls(jsonb_build_object('from', to_char(k.quiet_from, 'HH24:MI'), 'to', to_char(k.quiet_to, 'HH24:MI'),
                'days', nullif(to_jsonb(k.quiet_days), '[]'), 'time_zone', k.zone))
            ELSE jsonb_build_object('digest', k.digest, 'time_zone', k.zone) END
    FROM keyed k JOIN clocks c ON c.clock = k.clock
    WHERE c.until IS NOT NULL
$$;

CREATE OR REPLACE TRIGGER time_zones_inserted AFTER INSERT ON nightbell.user_settings
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
CREATE OR REPLACE TRIGGER time_zones_updated AFTER UPDATE ON nightbell.user_settings
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
