-- The outcome of a transaction whose answer was lost: committed, aborted or in progress; NULL: too old to be known.
-- $1 text: its xid8
SELECT pg_xact_status($1::text::xid8) AS status
