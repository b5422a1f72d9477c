-- How often anything has ended that a session rests on: once as a transaction sees it and once as it is (functions/019_grounds.sql).
CREATE TABLE nightbell.endings (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number      bigint NOT NULL,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id() -- the transaction that counted last
);
CREATE SEQUENCE nightbell.endings_so_far;
INSERT INTO nightbell.endings (number) SELECT setval('nightbell.endings_so_far', 1);
