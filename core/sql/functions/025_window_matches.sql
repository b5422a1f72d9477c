-- What a maintenance window matches; the view of events asks it.

-- Whether a text is a name, or begins like a name with * behind it.
CREATE OR REPLACE FUNCTION nightbell.matches_pattern(value text, pattern text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN right(pattern, 1) = '*' THEN starts_with(value, left(pattern, -1)) ELSE value = pattern END;

CREATE OR REPLACE FUNCTION nightbell.window_matches(w nightbell.windows, event_type text, source text, severity text, details jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nightbell.matches_pattern(event_type, (w).event_type)
    AND ((w).source IS NULL OR coalesce(nightbell.matches_pattern(source, (w).source), false))
    AND ((w).severity IS NULL OR severity = ANY ((w).severity))
    AND ((w).details IS NULL OR coalesce(jsonb_path_match(coalesce(details, '{}'), (w).details, silent => true), false));
