-- The engine's clock. Tests, and an administrator who asks what will happen, set the setting nightbell.clock. Row
-- security and the expiry of tokens never ask it.

-- Now; or what nightbell.clock says, where the login works for the engine or administers it. A client's or producer's
-- login cannot move time. STABLE, so that an index can be searched with it: a statement sees one time.
CREATE OR REPLACE FUNCTION nightbell.clock() RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    told CONSTANT text := current_setting('nightbell.clock', true);
BEGIN
    IF told <> '' AND (pg_has_role(session_user, 'nightbell_worker', 'MEMBER') OR pg_has_role(session_user, 'nightbell_admin', 'MEMBER')) THEN
        RETURN told::timestamptz;
    END IF;
    RETURN clock_timestamp();
END
$$;

-- In how many milliseconds by that clock it is that time, at least so many; NULL: never. (GREATEST alone takes NULL for nothing.)
CREATE OR REPLACE FUNCTION nightbell.milliseconds_until(due timestamptz, at_least int) RETURNS bigint
LANGUAGE sql STABLE STRICT
RETURN greatest(ceil(extract(epoch FROM due - nightbell.clock()) * 1000), at_least)::bigint;
