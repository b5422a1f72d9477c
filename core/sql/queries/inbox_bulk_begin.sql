-- The look that an act on many starts from, taken before anything else happens.
SELECT look.snapshot FROM (SELECT pg_current_snapshot()::text AS snapshot OFFSET 0) AS look, nightbell.know_the_inbox()
