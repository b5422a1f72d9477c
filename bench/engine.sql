-- For the figures of the engine: a tenant with :users users whom one rule means, another with 10 rules and one with 10,000,
-- and the tables of the floors: the same columns and indexes, no triggers.
SET synchronous_commit = off;
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS bench;
INSERT INTO nightbell.tenants (id, name, settings) VALUES
    ('00000000-0000-4000-8000-00000000be10', 'engine bench', '{"rate_limit": 0}'),
    ('00000000-0000-4000-8000-00000000be11', 'ten rules', '{}'), ('00000000-0000-4000-8000-00000000be12', 'ten thousand rules', '{}');
INSERT INTO nightbell.notification_types (type, module, description) VALUES ('BENCH_TOLD', 'bench', 'Of the bench');
INSERT INTO nightbell.users (tenant_id, id, name, time_zone)
SELECT '00000000-0000-4000-8000-00000000be10', ('00000000-0000-4000-a000-' || lpad(n::text, 12, '0'))::uuid, 'hearer ' || n, 'Europe/Riga'
FROM generate_series(1, :users) AS n;
UPDATE nightbell.tenants SET settings = settings || '{"rate_limit": 0}' WHERE id = :'acme';
DO $$ BEGIN CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
SELECT message FROM nightbell.import_rules(:'acme', ARRAY[
    '{"rule_id": "bench", "event_type": "bench_publish", "recipient_type": "user", "recipient_value": "ada", "notification_type": "BENCH_TOLD"}',
    '{"rule_id": "load", "event_type": "bench_load", "recipient_type": "user", "recipient_value": "bob", "notification_type": "BENCH_TOLD"}'])
WHERE sqlstate IS NOT NULL;
SELECT message FROM nightbell.import_rules('00000000-0000-4000-8000-00000000be10', ARRAY[
    '{"rule_id": "all", "event_type": "bench_everybody", "recipient_type": "tenant", "notification_type": "BENCH_TOLD"}',
    '{"rule_id": "mail", "event_type": "bench_mail", "recipient_type": "tenant", "notification_type": "BENCH_TOLD", "channel": "email"}'])
WHERE sqlstate IS NOT NULL;
-- one rule of each tenant is for bench_matched; the others are for other names, every tenth for a beginning of names
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, channel, recipient_type, recipient_value, condition_expr, notification_type)
SELECT t.id, 'rule-' || n, CASE WHEN n = 1 THEN 'bench_matched' WHEN n % 10 = 0 THEN 'other_' || n || '_*' ELSE 'other_' || n END, '{in_app}',
    'role', 'user', '$.amount > 100', 'BENCH_TOLD'
FROM (VALUES ('00000000-0000-4000-8000-00000000be11'::uuid, 10), ('00000000-0000-4000-8000-00000000be12', 10000)) AS t (id, rules)
CROSS JOIN LATERAL generate_series(1, t.rules) AS n;
CREATE TABLE bench.queue (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, context jsonb);
CREATE TABLE bench.told (LIKE nightbell.notifications INCLUDING ALL) PARTITION BY RANGE (id);
ALTER TABLE bench.told ADD FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users,
    ADD FOREIGN KEY (type) REFERENCES nightbell.notification_types;
CREATE TABLE bench.told_all PARTITION OF bench.told DEFAULT;
CREATE TABLE bench.decided (LIKE nightbell.decisions INCLUDING ALL);
VACUUM ANALYZE nightbell.users, nightbell.rules, nightbell.user_roles;
CHECKPOINT;
