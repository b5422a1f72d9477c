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

-- The channels with what is known of them. waiting: deliveries that are queued; oldest: when the first of them was or is due; endpoints:
-- how many people have. NULL for who may not know.
CREATE OR REPLACE FUNCTION nightbell.channel_report()
RETURNS TABLE (name text, kind text, needs_address boolean, known_at timestamptz, waiting bigint, oldest timestamptz, endpoints bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    knows CONSTANT boolean := pg_has_role(session_user, 'nightbell_worker', 'MEMBER') OR nightbell.administers(NULL) OR nightbell.operates_globally();
BEGIN
    RETURN QUERY
    SELECT c.name::text, c.kind, c.needs_address, c.known_at,
        CASE WHEN knows THEN coalesce(q.waiting, 0) END, CASE WHEN knows THEN q.oldest END, CASE WHEN knows THEN coalesce(e.count, 0) END
    FROM nightbell.channels c
    LEFT JOIN (SELECT w.channel, count(*) AS waiting, min(w.due_at) AS oldest FROM nightbell.delivery_queue w WHERE knows GROUP BY w.channel) AS q
        ON q.channel = c.name::text
    LEFT JOIN (SELECT p.channel::text AS channel, count(*) AS count FROM nightbell.endpoints p WHERE knows GROUP BY 1) AS e ON e.channel = c.name::text
    WHERE c.name <> 'in_app' ORDER BY c.rank, c.name;
END
$$;
