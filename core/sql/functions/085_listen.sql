-- LISTENs on every channel that is the session's own, in one round trip, and says which they are. Channel names are made by
-- my_channels(), so nobody can be made to listen elsewhere through it.
CREATE OR REPLACE FUNCTION nightbell.listen() RETURNS TABLE (channel text, kind text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    FOR channel, kind IN SELECT m.channel, m.kind FROM nightbell.my_channels() AS m LOOP
        EXECUTE format('LISTEN %I', channel);
        RETURN NEXT;
    END LOOP;
END
$$;

-- For hubs: LISTENs and UNLISTENs on keys that clients have named, many in one round trip. What is not a key is left out.
CREATE OR REPLACE FUNCTION nightbell.hub_listen(channels text[], listen boolean) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY channels LOOP
        IF name ~ '^nb_[0-9a-f]{40}$' THEN
            EXECUTE format(CASE WHEN listen THEN 'LISTEN %I' ELSE 'UNLISTEN %I' END, name);
        END IF;
    END LOOP;
END
$$;
