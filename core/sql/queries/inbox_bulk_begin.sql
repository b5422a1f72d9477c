-- The look that bounds an act on many rows, taken before its first chunk.
SELECT look.snapshot FROM (SELECT pg_current_snapshot()::text AS snapshot OFFSET 0) AS look, nightbell.know_the_inbox()
