-- What everything else stands on: time-ordered ids, the keyed hash, ranks of severities and urgencies.

-- A UUID version 7 of the time at: 48 bits of milliseconds, 12 bits of the fraction of one, 62 random bits.
-- Twelve bits tell microseconds apart, so two calls one after the other in a session come out in order.
CREATE OR REPLACE FUNCTION nightbell.uuidv7_at(at timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$
    SELECT encode(int8send((micros / 1000) << 16 | 28672 | (micros % 1000) * 4096 / 1000)
                  || substr(uuid_send(gen_random_uuid()), 9), 'hex')::uuid
    FROM (SELECT round(date_part('epoch', at) * 1000000)::bigint) AS t (micros)
$$;

-- The session's ids only go up, also when the clock is set back: the last one's time is kept in the setting nightbell.last_id,
-- and what is not above it takes the next microsecond. Believed for an hour at most: a clock that was years ahead, or a
-- session that sets it by itself, moves no id into another partition. Set in leaders only, hence not parallel safe.

-- Written out instead of calling uuidv7_at(): half the time, and it is called for every row.
CREATE OR REPLACE FUNCTION nightbell.uuidv7() RETURNS uuid
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    micros bigint := round(date_part('epoch', clock_timestamp()) * 1000000);
    last text := current_setting('nightbell.last_id', true);
BEGIN
    IF last <> '' AND last::bigint >= micros AND last::bigint < micros + 3600000000 THEN
        micros := last::bigint + 1;
    END IF;
    last := set_config('nightbell.last_id', micros::text, false);
    RETURN encode(int8send((micros / 1000) << 16 | 28672 | (micros % 1000) * 4096 / 1000)
                  || substr(uuid_send(gen_random_uuid()), 9), 'hex')::uuid;
END
$$;

-- For a batch: the time of its first id, above all of the session's; the others follow a microsecond apart (uuidv7_at()).
CREATE OR REPLACE FUNCTION nightbell.uuidv7_batch(count bigint) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    micros bigint := round(date_part('epoch', clock_timestamp()) * 1000000);
    last text := current_setting('nightbell.last_id', true);
BEGIN
    IF last <> '' AND last::bigint >= micros AND last::bigint < micros + 3600000000 THEN
        micros := last::bigint + 1;
    END IF;
    last := set_config('nightbell.last_id', (micros + greatest(count, 1) - 1)::text, false);
    RETURN timestamptz 'epoch' + micros * interval '1 microsecond';
END
$$;

-- The smallest id of that time: bounds of partitions, and of "since" and "before". One expression of immutable parts, which
-- callers take in (the epoch of a timestamptz counts as stable, that of an interval does not).
CREATE OR REPLACE FUNCTION nightbell.uuidv7_floor(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(int8send(round(date_part('epoch', at - timestamptz 'epoch') * 1000)::bigint << 16) || '\x0000000000000000'::bytea, 'hex')::uuid;

CREATE OR REPLACE FUNCTION nightbell.uuidv7_time(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT to_timestamp((('x' || encode(substr(uuid_send(id), 1, 6), 'hex'))::bit(48)::bigint) / 1000.0)
$$;

-- pgcrypto may have been installed in any schema by whoever made the database: find it once, here.
DO $do$
DECLARE
    home text;
BEGIN
    SELECT n.nspname INTO home
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'pgcrypto';
    IF home IS NULL THEN
        RAISE EXCEPTION 'the extension pgcrypto is missing'
            USING ERRCODE = 'undefined_object', HINT = 'Run as a superuser: CREATE EXTENSION pgcrypto.';
    END IF;
    EXECUTE pg_catalog.format($f$
        CREATE OR REPLACE FUNCTION nightbell.keyed_hash(message bytea, secret bytea, algorithm text) RETURNS bytea
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS 'SELECT %I.hmac(message, secret, algorithm)'
    $f$, home);
END
$do$;

-- Ordered as people mean it; NULL for a word that is not one.
CREATE OR REPLACE FUNCTION nightbell.severity_rank(severity text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_position('{low,medium,high,critical}'::text[], severity);

CREATE OR REPLACE FUNCTION nightbell.urgency_rank(urgency text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_position('{low,normal,high,critical}'::text[], urgency);

-- Which migration the database is at. Read by every client when it connects.
CREATE OR REPLACE FUNCTION nightbell.schema_version() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT coalesce(max(version), 0)::int FROM nightbell.migrations $$;
