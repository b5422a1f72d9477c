-- For the figures of delivery: a tenant with :people people, and the table of the floor.
SET synchronous_commit = off;
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS bench;
INSERT INTO nightbell.tenants (id, name) VALUES ('00000000-0000-4000-8000-00000000be20', 'delivery bench');
INSERT INTO nightbell.users (tenant_id, id, name, email)
SELECT '00000000-0000-4000-8000-00000000be20', ('00000000-0000-4000-b000-' || lpad(n::text, 12, '0'))::uuid, 'hearer ' || n, 'hearer' || n || '@bench.example'
FROM generate_series(1, :people) AS n;
INSERT INTO nightbell.notification_types (type, module, description) VALUES ('BENCH_SENT', 'bench', 'Of the bench');
DO $$ BEGIN CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE bench.jobs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status      text NOT NULL DEFAULT 'queued',
    attempts    int NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    lease_until timestamptz,
    sent_at     timestamptz,
    payload     jsonb NOT NULL
);
CREATE INDEX jobs_due ON bench.jobs (due_at) WHERE status = 'queued';
VACUUM ANALYZE nightbell.users;
CHECKPOINT;
