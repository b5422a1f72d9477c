-- The demonstration's system events: every severity, every state, with the history that led to it.
BEGIN;
CREATE TEMP TABLE demo_event (
    ordinal int GENERATED ALWAYS AS IDENTITY, tenant text, age interval, last_age interval, occurrences bigint, severity text,
    event_type text, description text, source text, fingerprint text, state text, actor text, note text, details text
) ON COMMIT DROP;
-- state: open, acked, assigned (to actor), snoozed, resolved (by actor), healed (by the system), back (resolved, then
-- reopened)
INSERT INTO demo_event (tenant, age, last_age, occurrences, severity, event_type, description, source, fingerprint, state, actor, note, details) VALUES
('acme', '4 minutes', '1 minute', 7, 'critical', 'job_failure', 'nightly export failed 7 times', 'scheduler', 'export-nightly', 'open', NULL, NULL,
 '{"job": "export-nightly", "exit": 137, "host": "worker-2", "attempts": 7, "stderr": ["reading /srv/export/bookings.csv", "Killed"], "limits": {"memory_mb": 512, "peak_mb": 511}}'),
('acme', '11 minutes', '11 minutes', 1, 'critical', 'sending_paused', 'provider refused 41 % of mail; sending is paused', 'mailer', 'smtp-primary', 'open', NULL, NULL,
 '{"provider": "smtp-primary", "refused": 0.41, "window": "5m", "codes": {"421": 212, "550": 37}, "queue": 4180}'),
('acme', '21 minutes', '2 minutes', 3, 'high', 'quota_reached', 'tenant acme at 98 % of 2,000,000 mails', 'billing', 'quota-mail', 'acked', 'bob', NULL,
 '{"quota": "mail", "used": 1961204, "limit": 2000000, "resets_at": "first of the month"}'),
('acme', '1 hour', '1 hour', 1, 'high', 'key_rotated', 'API key 7f3a was rotated by root', 'vault', NULL, 'assigned', 'bob', NULL,
 '{"key": "7f3a", "by": "root", "from": "203.0.113.7", "expected": false}'),
('acme', '2 hours', '25 minutes', 12, 'medium', 'slow_query', 'bookings list takes 4.1 s at the 95th percentile', 'postgres', 'bookings-list', 'open', NULL, NULL,
 '{"query": "SELECT … FROM bookings WHERE …", "p50_ms": 310, "p95_ms": 4100, "rows": 81234, "plan": {"node": "Seq Scan", "table": "bookings", "filter": "state = ''open''"}}'),
('acme', '2 hours 20 minutes', '2 hours 20 minutes', 1, 'low', 'login_new_device', 'emilie signed in from a new device', 'auth', NULL, 'open', NULL, NULL,
 '{"user": "emilie", "ip": "198.51.100.23", "agent": "Mozilla/5.0 (X11; Linux x86_64)", "city": "Orléans"}'),
('acme', '3 hours', '3 hours', 1, 'high', 'payment_provider_down', 'card payments: 3 timeouts in a minute', 'payments', 'cards', 'resolved', 'carol', 'provider restarted its gateway; all retries went through',
 '{"provider": "cards", "timeouts": 3, "retried": 3, "lost": 0}'),
('acme', '4 hours', '4 hours', 1, 'medium', 'certificate_expiring', 'certificate of shop.acme.example ends in 9 days', 'certbot', 'shop.acme.example', 'snoozed', 'bob', 'renewal is planned for tomorrow',
 '{"host": "shop.acme.example", "issuer": "R11", "not_after_days": 9}'),
('acme', '5 hours', '5 hours', 1, 'low', 'import_finished', 'students.csv: 4,182 rows in, 3 rejected', 'importer', NULL, 'open', NULL, NULL,
 '{"file": "students.csv", "rows": 4182, "rejected": [{"line": 17, "why": "no e-mail address"}, {"line": 902, "why": "phone is not E.164: 06-1234"}, {"line": 2044, "why": "duplicate"}]}'),
('acme', '6 hours', '5 hours', 4, 'medium', 'webhook_failing', 'partner webhook answers 503', 'webhooks', 'partner-a', 'healed', NULL, 'answered again for 30 minutes',
 '{"url": "https://partner.example/hooks", "status": 503, "tries": 4}'),
('acme', '8 hours', '8 hours', 1, 'critical', 'disk_full', '/var on db-1 is at 97 %', 'node-exporter', 'db-1:/var', 'resolved', 'bob', 'old WAL archive removed; alert threshold stays',
 '{"host": "db-1", "mount": "/var", "used_percent": 97, "free_gb": 3.1}'),
('acme', '9 hours', '9 hours', 1, 'high', 'replication_lag', 'replica db-2 is 312 s behind', 'postgres', 'db-2', 'resolved', 'bob', 'caught up after the bulk import', '{"replica": "db-2", "lag_s": 312, "slot": "db2"}'),
('acme', '11 hours', '10 hours', 2, 'high', 'refund_limit', 'refunds today are over 5,000 EUR', 'billing', 'refund-limit', 'back', 'carol', 'thought it was the test tenant',
 '{"sum": 5312.5, "limit": 5000, "currency": "EUR", "refunds": 41}'),
('acme', '14 hours', '14 hours', 1, 'low', 'config_changed', 'opening hours changed by carol', 'admin', NULL, 'resolved', 'carol', NULL, '{"key": "opening_hours", "old": "07:00–21:00", "new": "06:30–21:30"}'),
('acme', '17 hours', '17 hours', 1, 'medium', 'rate_limited', 'API client 11 was limited 230 times', 'gateway', 'client-11', 'acked', 'carol', NULL, '{"client": 11, "limited": 230, "limit_per_minute": 600}'),
('acme', '22 hours', '22 hours', 1, 'low', 'backup_done', 'backup of 84 GB took 31 minutes', 'backup', NULL, 'healed', NULL, 'informational', '{"size_gb": 84, "minutes": 31, "verified": true}'),
('acme', '1 day', '20 hours', 5, 'high', 'job_failure', 'search index could not be rebuilt', 'scheduler', 'reindex', 'resolved', 'bob', 'lock held by a forgotten session; terminated it', '{"job": "reindex", "exit": 1, "blocked_by": 20817}'),
('acme', '1 day 5 hours', '1 day 5 hours', 1, 'medium', 'suspicious_login', 'five wrong passwords for ada, then the right one', 'auth', NULL, 'resolved', 'bob', 'asked her: it was her new keyboard', '{"user": "ada", "ip": "192.0.2.44", "failures": 5}'),
('acme', '1 day 9 hours', '1 day 9 hours', 1, 'low', 'mail_bounced', '92 bounces of campaign "Autumn courses"', 'mailer', NULL, 'open', NULL, NULL, '{"campaign": "Autumn courses", "bounces": 92, "domains": {"exàmple.example": 40, "例え.example": 52}}'),
('acme', '2 days', '2 days', 1, 'critical', 'data_mismatch', 'wallet sums differ from the ledger by 14.50 EUR', 'ledger', 'wallet-sum', 'assigned', 'carol', NULL, '{"difference": 14.5, "currency": "EUR", "wallets": ["8f1c", "d20e"]}'),
('acme', '2 days 4 hours', '2 days', 9, 'medium', 'cache_miss', 'hit rate of the session cache fell to 61 %', 'redis', 'sessions', 'healed', NULL, 'back over 90 %', '{"hit_rate": 0.61}'),
('acme', '3 days', '3 days', 1, 'high', 'certificate_expired', 'internal CA: certificate of metrics.acme.example has ended', 'certbot', 'metrics', 'resolved', 'bob', 'renewed by hand', '{"host": "metrics.acme.example"}'),
('acme', '3 days 8 hours', '3 days 8 hours', 1, 'low', 'user_deleted', 'a user asked to be deleted', 'privacy', NULL, 'resolved', 'carol', 'done within the day', '{"request": "GDPR art. 17", "due_days": 30}'),
('acme', '4 days', '4 days', 1, 'medium', 'sms_expensive', 'messages to +212 cost twice as much since today', 'sms', 'price-212', 'snoozed', 'carol', 'waiting for the provider''s answer', '{"prefix": "+212", "old": 0.061, "new": 0.124}'),
('acme', '5 days', '4 days', 31, 'low', 'deprecated_call', 'client 4 still calls /v1/bookings', 'gateway', 'v1-bookings-4', 'open', NULL, NULL, '{"client": 4, "path": "/v1/bookings", "sunset": "next month"}'),
('acme', '6 days', '6 days', 1, 'high', 'queue_depth', 'mail queue at 18,400', 'mailer', 'queue', 'resolved', 'carol', 'second worker started', '{"depth": 18400, "oldest_s": 912}'),
('acme', '8 days', '8 days', 1, 'critical', 'outage', 'booking was down for 6 minutes', 'uptime', 'booking', 'resolved', 'bob', 'deploy without migration; rolled back. Postmortem in the wiki', '{"minutes": 6, "from": "07:58", "affected": 212}'),
('acme', '10 days', '10 days', 1, 'medium', 'clock_skew', 'worker-2 is 4.2 s ahead', 'chrony', 'worker-2', 'healed', NULL, 'in step again', '{"host": "worker-2", "offset_s": 4.2}'),
('acme', '13 days', '13 days', 1, 'low', 'license_reminder', 'font licence ends next quarter', 'admin', NULL, 'resolved', 'carol', NULL, '{"font": "Söhne"}'),
('acme', '17 days', '16 days', 6, 'high', 'job_failure', 'invoices could not be rendered: Ωmega glyph missing', 'scheduler', 'invoices-pdf', 'resolved', 'bob', 'fonts-noto installed', '{"job": "invoices-pdf", "missing": ["Ω", "ß", "書"]}'),
('acme', '23 days', '23 days', 1, 'medium', 'slow_query', 'reports take 12 s', 'postgres', 'reports', 'resolved', 'bob', 'index added', '{"p95_ms": 12000}'),
('acme', '31 days', '31 days', 1, 'low', 'import_finished', 'prices.csv: 120 rows in', 'importer', NULL, 'resolved', 'carol', NULL, '{"rows": 120}'),
('acme', '38 days', '38 days', 1, 'critical', 'backup_failed', 'backup target did not answer', 'backup', 'offsite', 'resolved', 'bob', 'provider had maintenance; ran it again', '{"target": "offsite", "error": "connection timed out"}'),
('globex', '6 minutes', '6 minutes', 1, 'critical', 'login_storm', '4,100 failed logins in a minute', 'auth', 'storm', 'open', NULL, NULL, '{"failures": 4100, "networks": ["198.51.100.0/24", "203.0.113.0/24"], "blocked": 3980}'),
('globex', '50 minutes', '12 minutes', 3, 'high', 'queue_depth', 'push queue at 9,200', 'push', 'queue', 'acked', 'gina', NULL, '{"depth": 9200}'),
('globex', '3 hours', '3 hours', 1, 'medium', 'webhook_failing', 'ERP answers with garbage', 'webhooks', 'erp', 'open', NULL, NULL, '{"url": "https://erp.globex.example/in", "body": "\u0007\u001b[31mERR"}'),
('globex', '9 hours', '9 hours', 1, 'low', 'backup_done', 'backup took 4 minutes', 'backup', NULL, 'healed', NULL, NULL, '{"minutes": 4}'),
('globex', '1 day', '1 day', 1, 'high', 'disk_full', '/srv on app-3 is at 93 %', 'node-exporter', 'app-3:/srv', 'resolved', 'gina', 'log rotation was off', '{"used_percent": 93}'),
('globex', '2 days', '2 days', 1, 'critical', 'data_mismatch', 'stock differs from the count by 3 pallets', 'warehouse', 'stock', 'assigned', 'gina', NULL, '{"article": "Gläser 0,2 l", "expected": 41, "counted": 38}'),
('globex', '6 days', '6 days', 1, 'medium', 'certificate_expiring', 'certificate of globex.example ends in 20 days', 'certbot', 'globex.example', 'snoozed', 'gina', NULL, '{"not_after_days": 20}'),
('globex', '15 days', '15 days', 1, 'low', 'config_changed', 'time zone of the tenant changed', 'admin', NULL, 'resolved', 'gina', NULL, '{"old": "UTC", "new": "Europe/Rome"}'),
(NULL, '35 minutes', '5 minutes', 4, 'high', 'worker_gone', 'worker-2 has not reported for 30 minutes', 'nightbell', 'demo:worker-2', 'open', NULL, NULL, '{"worker": "worker-2", "last_heartbeat_minutes": 30, "leases": 0}'),
(NULL, '7 hours', '7 hours', 1, 'critical', 'provider_down', 'success rate of channel sms fell to 62 %', 'nightbell', 'demo:sms', 'resolved', 'olga', 'the provider had an outage', '{"channel": "sms", "success_rate": 0.62, "window_minutes": 15}'),
(NULL, '2 days', '2 days', 1, 'medium', 'partition_default', 'rows in the default partition of notifications', 'nightbell', 'demo:partitions', 'acked', 'olga', NULL, '{"rows": 12}'),
(NULL, '12 days', '12 days', 1, 'low', 'version_available', 'PostgreSQL has a newer minor version', 'nightbell', 'demo:minor', 'open', NULL, NULL, '{"installed": "15.10", "available": "15.14"}');

INSERT INTO nightbell.admin_system_events (created_at, event_type, severity, description, details, tenant_id, fingerprint,
    occurrences, last_seen_at, source, is_resolved, resolved_at, resolved_by, resolution, acknowledged_at, acknowledged_by,
    assigned_to, snoozed_until, version)
SELECT now() - e.age, e.event_type, e.severity, e.description, e.details::jsonb, t.id, e.fingerprint, e.occurrences,
       now() - e.last_age, e.source, e.state IN ('resolved', 'healed'),
       CASE WHEN e.state IN ('resolved', 'healed') THEN now() - e.last_age + least(e.last_age / 2, interval '40 minutes') END,
       CASE e.state WHEN 'resolved' THEN p.user_id END,
       CASE WHEN e.state IN ('resolved', 'healed') THEN e.note END,
       CASE WHEN e.state IN ('acked', 'assigned', 'resolved') THEN now() - e.last_age + least(e.last_age / 4, interval '10 minutes') END,
       CASE WHEN e.state IN ('acked', 'assigned', 'resolved') THEN p.user_id END,
       CASE WHEN e.state = 'assigned' THEN p.user_id END,
       CASE WHEN e.state = 'snoozed' THEN date_trunc('hour', now()) + interval '18 hours' END,
       CASE e.state WHEN 'open' THEN 0 WHEN 'resolved' THEN 2 WHEN 'assigned' THEN 2 WHEN 'back' THEN 2 ELSE 1 END
  FROM demo_event e
  LEFT JOIN nightbell_demo.tenants t ON t.name = e.tenant
  LEFT JOIN nightbell_demo.people p ON p.name = e.actor
 ORDER BY e.age DESC;

-- Events of the whole installation have no tenant, so they are listed here for demo_clear.sql.
CREATE TABLE nightbell_demo.global_events AS
SELECT e.id FROM nightbell.admin_system_events e WHERE e.tenant_id IS NULL AND e.fingerprint LIKE 'demo:%';

CREATE TEMP TABLE demo_act ON COMMIT DROP AS
SELECT ev.id, ev.tenant_id, d.state, d.note, p.user_id, d.actor, ev.created_at, ev.last_seen_at, ev.occurrences, ev.acknowledged_at, ev.resolved_at
  FROM demo_event d
  LEFT JOIN nightbell_demo.tenants t ON t.name = d.tenant
  LEFT JOIN nightbell_demo.people p ON p.name = d.actor
  JOIN nightbell.admin_system_events ev
    ON ev.created_at = now() - d.age AND ev.event_type = d.event_type AND ev.tenant_id IS NOT DISTINCT FROM t.id;
-- Deletes the history that triggers wrote at the INSERT: it has the current time, which would be wrong.
DELETE FROM nightbell.event_actions a USING demo_act d WHERE a.event_id = d.id;
INSERT INTO nightbell.event_actions (event_id, tenant_id, at, actor, actor_name, action, note, version)
SELECT d.id, d.tenant_id, step.at, CASE WHEN step.by_person THEN d.user_id END, CASE WHEN step.by_person THEN d.actor END,
       step.action, step.note, step.version
  FROM demo_act d CROSS JOIN LATERAL (
    VALUES (true, d.created_at, false, 'raise', NULL, NULL::bigint),
           (d.occurrences > 1, d.last_seen_at, false, 'raise_again', d.occurrences || ' times', NULL),
           (d.state IN ('acked', 'assigned', 'resolved'), d.acknowledged_at, true, 'acknowledge', NULL, 1),
           (d.state = 'assigned', d.acknowledged_at + interval '1 minute', true, 'assign', 'to ' || d.actor, 2),
           (d.state = 'snoozed', d.last_seen_at + interval '5 minutes', true, 'snooze', d.note, 1),
           (d.state = 'resolved', d.resolved_at, true, 'resolve', d.note, 2),
           (d.state = 'healed', d.resolved_at, false, 'resolve', d.note, 1),
           (d.state = 'back', d.last_seen_at + interval '10 minutes', true, 'resolve', 'test data', 1),
           (d.state = 'back', d.last_seen_at + interval '14 minutes', true, 'reopen', d.note, 2)
  ) AS step (happened, at, by_person, action, note, version)
 WHERE step.happened ORDER BY step.at;
COMMIT;
