-- The basis of all other functions: time-ordered ids, the keyed hash, ranks of severities and urgencies.

-- A UUID version 7 for the time at: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits. Twelve bits
-- distinguish microseconds, so ids from successive calls in a session are in order.
CREATE OR REPLACE FUNCTION nightbell.uuidv7_at(at timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$
    SELECT encode(int8send((micros / 1000) << 16 | 28672 | (micros % 1000) * 4096 / 1000)
                  || substr(uuid_send(gen_random_uuid()), 9), 'hex')::uuid
    FROM (SELECT round(date_part('epoch', at) * 1000000)::bigint) AS t (micros)
$$;

-- A session's ids only increase, even when the clock is set back: the setting nightbell.last_id keeps the time of the
-- last id, and an id that would not be greater takes the next microsecond. The setting is trusted for at most an hour
-- ahead, so that neither a wrong clock nor a session that sets it itself can move ids into another partition.
-- Not parallel safe, because only a leader can change a setting.

-- Repeats the body of uuidv7_at() instead of calling it: that takes half the time, and it is called for every row.
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

-- For a batch: the time of its first id, later than all of the session's. The other ids follow, a microsecond apart
-- each (uuidv7_at()).
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

-- The smallest id of that time, for the bounds of partitions and of "since" and "before". A single immutable
-- expression, so that it is inlined. (The epoch of a timestamptz counts as stable, hence the interval.)
CREATE OR REPLACE FUNCTION nightbell.uuidv7_floor(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(int8send(round(date_part('epoch', at - timestamptz 'epoch') * 1000)::bigint << 16) || '\x0000000000000000'::bytea, 'hex')::uuid;

CREATE OR REPLACE FUNCTION nightbell.uuidv7_time(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT to_timestamp((('x' || encode(substr(uuid_send(id), 1, 6), 'hex'))::bit(48)::bigint) / 1000.0)
$$;

-- pgcrypto may be installed in any schema, so it is looked up once, here.
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

-- Severities in order; NULL for an unknown word.
CREATE OR REPLACE FUNCTION nightbell.severity_rank(severity text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_position('{low,medium,high,critical}'::text[], severity);

CREATE OR REPLACE FUNCTION nightbell.urgency_rank(urgency text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_position('{low,normal,high,critical}'::text[], urgency);

-- The number of the last applied migration. Every client reads it when it connects.
CREATE OR REPLACE FUNCTION nightbell.schema_version() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT coalesce(max(version), 0)::int FROM nightbell.migrations $$;
