-- Three readers in acme with inboxes of different sizes, their rows spread over the past year: psql variables thousand,
-- million and tenmillion say how many. Inserted as sets and without triggers: the rows are only read.
SET session_replication_role = replica;
SET synchronous_commit = off;

-- A partition for each month of the past year, as an installation of that age has.
DO $$
DECLARE
    month timestamptz := date_trunc('month', now()) - interval '12 months';
BEGIN
    WHILE month < date_trunc('month', now()) LOOP
        BEGIN
            EXECUTE format('CREATE TABLE nightbell.%I PARTITION OF nightbell.notifications FOR VALUES FROM (%L) TO (%L)',
                           'notifications_bench_' || to_char(month, 'YYYY_MM'), nightbell.uuidv7_floor(month),
                           nightbell.uuidv7_floor(month + interval '1 month'));
            EXECUTE format('ALTER TABLE nightbell.%I OWNER TO nightbell_owner', 'notifications_bench_' || to_char(month, 'YYYY_MM'));
        EXCEPTION WHEN invalid_object_definition OR duplicate_table THEN
            NULL; -- it exists already
        END;
        month := month + interval '1 month';
    END LOOP;
END
$$;

CREATE SCHEMA bench;
CREATE TABLE bench.readers (id uuid, name text, rows bigint);
INSERT INTO bench.readers VALUES
    ('00000000-0000-4000-8000-00000000be01', 'thousand', :thousand),
    ('00000000-0000-4000-8000-00000000be02', 'million', :million),
    ('00000000-0000-4000-8000-00000000be03', 'tenmillion', :tenmillion);
INSERT INTO nightbell.users (tenant_id, id, name) SELECT :'ACME', id, name FROM bench.readers;
INSERT INTO nightbell.user_roles (tenant_id, user_id, role) SELECT :'ACME', id, 'user' FROM bench.readers;

-- The indexes are built at the end, by sorting, because row by row they took longer than the rows. The primary key stays: foreign
-- keys refer to it.
SELECT i.indexrelid::regclass AS index, pg_get_indexdef(i.indexrelid) AS definition INTO bench.secondary
FROM pg_index AS i WHERE i.indrelid = 'nightbell.notifications'::regclass AND NOT i.indisprimary;
SELECT format('DROP INDEX %s', index) FROM bench.secondary
\gexec
