-- LISTENs on all of the session's own channels in one round trip, and returns them. The names come from my_channels(),
-- so this cannot be used to listen to other channels.
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

-- For hubs: LISTENs or UNLISTENs on many keys of clients in one round trip. Names that are not keys are skipped.
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
