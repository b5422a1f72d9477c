-- The channels there are: five that every installation has, and those that workers have told of.

-- In the order in which they are shown.
CREATE OR REPLACE FUNCTION nightbell.all_channels() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT array_agg(c.name::text ORDER BY c.rank, c.name) FROM nightbell.channels c $$;

-- "in_app, email, push, sms or webhook"
CREATE OR REPLACE FUNCTION nightbell.channels_expected() RETURNS text
LANGUAGE sql STABLE
RETURN regexp_replace(array_to_string(nightbell.all_channels(), ', '), ', ([^,]*)$', ' or \1');

-- The first of some names that is no channel, as a sentence; NULL: they all are.
CREATE OR REPLACE FUNCTION nightbell.unknown_channel(names text[]) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    known CONSTANT text[] := nightbell.all_channels();
    name text;
BEGIN
    FOREACH name IN ARRAY coalesce(names, '{}') LOOP
        IF name IS NULL OR name <> ALL (known) THEN
            RETURN format('there is no channel "%s": expected %s', nightbell.plain_text(coalesce(name, ''), 40), nightbell.channels_expected())
                || CASE WHEN name ~ '^[a-z][a-z0-9_]{0,19}$'
                    THEN format(' (a worker whose channels.conf has [channel.%s] makes it known)', name) ELSE '' END;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- The channels that a member of a document says, which may be one name: each once. NULL: it is no list of names.
CREATE OR REPLACE FUNCTION nightbell.channel_list(item jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN CASE jsonb_typeof(item)
    WHEN 'string' THEN ARRAY[item #>> '{}']
    WHEN 'array' THEN CASE WHEN NOT jsonb_path_exists(item, 'strict $[*] ? (@.type() != "string")') THEN
        ARRAY(SELECT c FROM jsonb_array_elements_text(item) WITH ORDINALITY AS e (c, n) GROUP BY c ORDER BY min(n)) END
    END;

-- What is wrong with such a member; NULL: nothing. may_be_empty: an empty list will do.
CREATE OR REPLACE FUNCTION nightbell.channel_list_problem(item jsonb, may_be_empty boolean) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    named CONSTANT text[] := nightbell.channel_list(item);
BEGIN
    IF named IS NULL OR named = '{}' AND NOT may_be_empty THEN
        RETURN 'expected a list of ' || array_to_string(nightbell.all_channels(), ', ');
    END IF;
    RETURN nightbell.unknown_channel(named);
END
$$;

-- For a worker that starts: the channels of its channels.conf. Names that nobody knew are known from now on; of what is known already
-- the last one to tell is believed.
CREATE OR REPLACE FUNCTION nightbell.register_channels(names text[], kinds text[], needs boolean[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    most CONSTANT int := 100;
BEGIN
    IF EXISTS (SELECT FROM unnest(names) AS n (name) WHERE n.name IS NULL OR n.name !~ '^[a-z][a-z0-9_]{0,19}$' OR n.name = 'in_app') THEN
        PERFORM nightbell.refuse('22023', 'a channel''s name has small letters, digits and _, at most 20, a letter first, and is not in_app', NULL);
    END IF;
    LOCK TABLE nightbell.channels IN SHARE ROW EXCLUSIVE MODE; -- so that two workers never pass the limit together
    IF (SELECT count(DISTINCT k.name) FROM (SELECT c.name::text FROM nightbell.channels c UNION ALL SELECT unnest(names)) AS k (name)) > most THEN
        PERFORM nightbell.refuse('54000', format('more than %s channels', most), NULL);
    END IF;
    INSERT INTO nightbell.channels AS c (name, kind, needs_address, known_at)
    SELECT DISTINCT ON (n.name) n.name, n.kind, coalesce(n.needs, true), nightbell.clock() FROM unnest(names, kinds, needs) AS n (name, kind, needs)
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, needs_address = excluded.needs_address, known_at = excluded.known_at;
END
$$;

-- What the tries of a batch say of their channels. Every ten seconds is enough for who looks; a row that another worker writes just then is
-- left to that one. One row a try.
CREATE OR REPLACE FUNCTION nightbell.note_channels(channels text[], outcomes text[], errors text[], at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
SET enable_seqscan = off
AS $$
    WITH told AS (
        SELECT t.channel, bool_or(t.outcome = 'sent') AS sent, bool_or(t.outcome IN ('retry', 'failed')) AS failed,
            left(max(t.error) FILTER (WHERE t.outcome IN ('retry', 'failed')), 1000) AS error
        FROM unnest(channels, outcomes, errors) AS t (channel, outcome, error) GROUP BY t.channel
    ), stale AS (
        SELECT c.name, t.sent, t.failed, t.error FROM told t JOIN nightbell.channels c ON c.name = t.channel
        WHERE t.sent AND (c.sent_at > at - interval '10 seconds') IS NOT TRUE OR t.failed AND (c.failed_at > at - interval '10 seconds') IS NOT TRUE
        FOR NO KEY UPDATE OF c SKIP LOCKED
    )
    UPDATE nightbell.channels c SET sent_at = CASE WHEN s.sent THEN at ELSE c.sent_at END, failed_at = CASE WHEN s.failed THEN at ELSE c.failed_at END,
        error = CASE WHEN s.failed THEN s.error ELSE c.error END
    FROM stale s WHERE c.name = s.name
$$;

-- The channels with what is known of them. rules: that name it, as their channel or as one to fall back upon; addresses: where it may lead
-- (people's addresses, devices, endpoints; none that is disabled or not confirmed); waiting: deliveries that are queued; oldest: when the first of
-- them was or is due; sent_at, failed_at, error: within ten seconds; breaker: of the one place where it is worst, closed, open until breaker_until, or
-- half-open; down: how many places are not closed. From rules on NULL for who may not know.
DROP FUNCTION IF EXISTS nightbell.channel_report(); -- it told less, until version 33
CREATE FUNCTION nightbell.channel_report()
RETURNS TABLE (name text, kind text, needs_address boolean, known_at timestamptz, rules bigint, addresses bigint, waiting bigint, oldest timestamptz,
    sent_at timestamptz, failed_at timestamptz, error text, breaker text, breaker_until timestamptz, down bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    IF NOT (pg_has_role(session_user, 'nightbell_worker', 'MEMBER') OR nightbell.administers(NULL) OR nightbell.operates_globally()) THEN
        RETURN QUERY SELECT c.name::text, c.kind, c.needs_address, c.known_at, NULL::bigint, NULL::bigint, NULL::bigint, NULL::timestamptz, NULL::timestamptz,
            NULL::timestamptz, NULL::text, NULL::text, NULL::timestamptz, NULL::bigint
        FROM nightbell.channels c WHERE c.name <> 'in_app' ORDER BY c.rank, c.name;
        RETURN;
    END IF;
    RETURN QUERY
    WITH led AS ( -- where each leads
        SELECT 'email' AS channel, count(*) AS count FROM nightbell.users u WHERE u.deleted_at IS NULL AND u.email IS NOT NULL
            AND NOT EXISTS (SELECT FROM nightbell.disabled_addresses a WHERE a.tenant_id = u.tenant_id AND a.channel = 'email' AND a.address = lower(u.email))
        UNION ALL
        SELECT 'sms', count(*) FROM nightbell.users u WHERE u.deleted_at IS NULL AND u.phone IS NOT NULL
            AND NOT EXISTS (SELECT FROM nightbell.disabled_addresses a WHERE a.tenant_id = u.tenant_id AND a.channel = 'sms' AND a.address = u.phone)
        UNION ALL
        SELECT 'push', count(*) FROM nightbell.devices d WHERE d.disabled_at IS NULL
        UNION ALL
        SELECT e.channel::text, count(*) FROM nightbell.endpoints e WHERE e.disabled_at IS NULL AND e.verified_at IS NOT NULL GROUP BY 1
    ), named AS (
        SELECT n.channel, count(*) AS count FROM nightbell.rules r
        CROSS JOIN LATERAL (SELECT DISTINCT unnest(r.channel::text[] || r.fallback_channels::text[])) AS n (channel) GROUP BY n.channel
    ), queued AS (
        SELECT q.channel, count(*) AS count, min(q.due_at) AS oldest FROM nightbell.delivery_queue q GROUP BY q.channel
    ), broken AS (
        SELECT b.channel, count(*) AS down, max(b.open_until) AS until FROM nightbell.breakers b WHERE b.opened_at IS NOT NULL GROUP BY b.channel
    )
    SELECT c.name::text, c.kind, c.needs_address, c.known_at, coalesce(n.count, 0), coalesce(l.count, 0), coalesce(q.count, 0), q.oldest, c.sent_at, c.failed_at,
        c.error, CASE WHEN b.channel IS NULL THEN 'closed' WHEN b.until > at THEN 'open' ELSE 'half-open' END, CASE WHEN b.until > at THEN b.until END,
        coalesce(b.down, 0)
    FROM nightbell.channels c
    LEFT JOIN led l ON l.channel = c.name::text LEFT JOIN named n ON n.channel = c.name::text
    LEFT JOIN queued q ON q.channel = c.name::text LEFT JOIN broken b ON b.channel = c.name::text
    WHERE c.name <> 'in_app' ORDER BY c.rank, c.name;
END
$$;
