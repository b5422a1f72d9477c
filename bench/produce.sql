-- For the figures of producing: a tenant of its own with :users users, and tables like notifications and announcements, with the
-- same indexes and constraints but without triggers: the floors.
SET synchronous_commit = off;
SET client_min_messages = warning;
INSERT INTO nightbell.tenants (id, name) VALUES ('00000000-0000-4000-8000-00000000be00', 'producing bench');
INSERT INTO nightbell.users (tenant_id, id, name)
SELECT '00000000-0000-4000-8000-00000000be00', ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'reader ' || n
FROM generate_series(1, :users) AS n;
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE bench.floor (LIKE nightbell.notifications INCLUDING ALL) PARTITION BY RANGE (id);
ALTER TABLE bench.floor ADD FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users,
    ADD FOREIGN KEY (type) REFERENCES nightbell.notification_types;
SELECT format('CREATE TABLE bench.%I PARTITION OF bench.floor %s', 'floor_' || row_number() OVER (), pg_get_expr(c.relpartbound, c.oid))
FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = 'nightbell.notifications'::regclass
\gexec
CREATE TABLE bench.floor_announcements (LIKE nightbell.announcements INCLUDING ALL);
ALTER TABLE bench.floor_announcements ADD FOREIGN KEY (tenant_id) REFERENCES nightbell.tenants,
    ADD FOREIGN KEY (type) REFERENCES nightbell.notification_types;
VACUUM ANALYZE nightbell.users;
CHECKPOINT;
