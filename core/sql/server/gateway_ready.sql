-- Whether the session answers, and that no request before has left its token in it.
-- Columns: clean boolean
SELECT coalesce(current_setting('nightbell.token', true), '') = '' AS clean
