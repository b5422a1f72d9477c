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
-- end when it next reaches quiet_to.
CREATE OR REPLACE FUNCTION nightbell.quiet_until(at timestamptz, zone text, quiet_from time, quiet_to time) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    until timestamptz := at;
    ends timestamptz;
    today date;
BEGIN
    IF quiet_from IS NULL OR quiet_from = quiet_to THEN
        RETURN at;
    END IF;
    FOR turn IN 1 .. 3 LOOP -- a skipped hour can let one quiet time begin where another ends
        today := (until AT TIME ZONE zone)::date;
        SELECT max(e.ends) INTO ends
        FROM (VALUES (today - 2), (today - 1), (today), (today + 1)) AS d (day)
        CROSS JOIN LATERAL (SELECT nightbell.clock_reaches(d.day + quiet_from, zone) AS begins,
            nightbell.clock_reaches(d.day + CASE WHEN quiet_to < quiet_from THEN 1 ELSE 0 END + quiet_to, zone) AS ends) AS e
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
CREATE OR REPLACE FUNCTION nightbell.held_until(at timestamptz, zone text, quiet_from time, quiet_to time, dnd_until timestamptz,
                                                digest text, digest_at time) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    free CONSTANT timestamptz := nightbell.quiet_until(greatest(at, dnd_until), zone, quiet_from, quiet_to);
BEGIN
    IF digest <> 'off' THEN
        RETURN nightbell.quiet_until(nightbell.digest_slot(free, zone, digest, digest_at, free > at), zone, quiet_from, quiet_to);
    END IF;
    RETURN nullif(free, at);
END
$$;

CREATE OR REPLACE TRIGGER time_zones_inserted AFTER INSERT ON nightbell.user_settings
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
CREATE OR REPLACE TRIGGER time_zones_updated AFTER UPDATE ON nightbell.user_settings
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
