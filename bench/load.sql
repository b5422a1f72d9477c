-- Three readers in acme with inboxes of different sizes, their rows spread over the past year: psql variables thousand,
-- million and tenmillion say how many. Set-based, triggers off: it is only there to be read.
SET session_replication_role = replica;
SET synchronous_commit = off;

-- A partition a month for the past year, as an installation of that age has them.
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
            NULL; -- there already
        END;
        month := month + interval '1 month';
    END LOOP;
END
$$;

CREATE TEMP TABLE readers (id uuid, name text, rows bigint);
INSERT INTO readers VALUES
    ('00000000-0000-4000-8000-00000000be01', 'thousand', :thousand),
    ('00000000-0000-4000-8000-00000000be02', 'million', :million),
    ('00000000-0000-4000-8000-00000000be03', 'tenmillion', :tenmillion);
INSERT INTO nightbell.users (tenant_id, id, name) SELECT :'ACME', id, name FROM readers;
INSERT INTO nightbell.user_roles (tenant_id, user_id, role) SELECT :'ACME', id, 'user' FROM readers;

INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, actor_name, type, title, message, data, created_at, updated_at, read_at)
SELECT (lpad(to_hex(t.ms), 12, '0') || '7000' || '8' || substr(r.id::text, 35, 2) || lpad(to_hex(n.i), 13, '0'))::uuid,
       :'ACME', r.id, :'APP', 'The application',
       (ARRAY['BOOKING_CREATED', 'PAYMENT_RECEIVED', 'SYSTEM_EVENT', 'INVOICE_OVERDUE', 'QUOTA_WARNING'])[1 + n.i % 5],
       'bench row ' || n.i, 'Message ' || n.i || ' of a load that is only there to be read, as long as most of them are.',
       CASE WHEN n.i % 4 = 0 THEN jsonb_build_object('number', n.i) END,
       to_timestamp(t.ms / 1000.0), to_timestamp(t.ms / 1000.0),
       CASE WHEN n.i % 10 <> 0 THEN to_timestamp(t.ms / 1000.0) END
FROM readers AS r,
     LATERAL generate_series(1, r.rows) AS n (i),
     LATERAL (SELECT ((extract(epoch FROM now()) - (r.rows - n.i + 1) * 31000000.0 / r.rows) * 1000)::bigint) AS t (ms);
