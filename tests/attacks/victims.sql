-- What there is to find: see attack.sh. Prints names and ids of it.
INSERT INTO nightbell.users (tenant_id, id, name)
SELECT :'acme'::uuid, ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'acme-secret person ' || n FROM generate_series(1, 500) AS n
UNION ALL
SELECT :'globex'::uuid, ('00000000-0000-4000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'globex person ' || n FROM generate_series(1, 500) AS n;
INSERT INTO nightbell.notification_types (type, module, description, restricted_to)
VALUES ('ONLY_ADMIN', 'test', 'For administrators', '{admin}'), ('ONLY_WORKER', 'test', 'For workers', '{worker}');
INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('gone', now() + interval '1 day'), ('käse-€-😀', now() + interval '1 day');
INSERT INTO nightbell.groups (tenant_id, id, name) VALUES (:'acme', '00000000-0000-4000-8000-000000000991', 'acme-secret group');

INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, type, title, message, data, actions, expires_at)
SELECT nightbell.uuidv7(), :'acme', :'ada', :'bob', 'TEST_NOTE', 'ada-secret ' || n % 5, 'ada-secret', '{"note": "ada-secret"}',
    '[{"id": "ada-secret", "label": "ada-secret"}]', now() + interval '30 days'
FROM generate_series(1, 2000) AS n;
INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
SELECT nightbell.uuidv7(), :'globex', :'mallory', 'TEST_NOTE', 'of mallory ' || n % 5, 'm' FROM generate_series(1, 500) AS n;
INSERT INTO nightbell.announcements (id, tenant_id, type, title, message, actions)
SELECT nightbell.uuidv7(), :'acme', 'TEST_NOTE', 'acme-secret', 'acme-secret', '[{"id": "acme-secret", "label": "x"}]' FROM generate_series(1, 20);
INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at)
SELECT tenant_id, id, :'ada', now() FROM nightbell.announcements;
SELECT setval('nightbell.admin_system_events_id_seq', 700000) \g /dev/null
INSERT INTO nightbell.admin_system_events (event_type, severity, description, details, tenant_id, fingerprint, created_at)
SELECT 'job', (ARRAY['low', 'critical'])[n % 2 + 1], 'operators-secret', '{"note": "operators-secret"}', :'acme', 'secret' || n,
    now() - interval '1 day' + n * interval '1 second'
FROM generate_series(1, 1000) AS n;
INSERT INTO nightbell.admin_system_events (event_type, severity, description) SELECT 'job', 'high', 'global-secret' FROM generate_series(1, 20);
INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id) SELECT 'job', 'high', 'of globex', :'globex' FROM generate_series(1, 50);
INSERT INTO nightbell.event_actions (event_id, tenant_id, actor, actor_name, action, note)
SELECT id, tenant_id, :'bob', 'bob', 'note', split_part(description, ' ', 1) FROM nightbell.admin_system_events;
INSERT INTO nightbell.templates (tenant_id, template_code, version, variables) VALUES (:'acme', 'hidden', 1, '[{"name": "config-secret"}]');
INSERT INTO nightbell.template_texts (tenant_id, template_code, version, channel, locale, subject, body_template)
VALUES (:'acme', 'hidden', 1, 'email', 'default', 'config-secret', 'config-secret');
INSERT INTO nightbell.group_members (tenant_id, group_id, user_id) VALUES (:'acme', '00000000-0000-4000-8000-000000000991', :'ada');
INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('keys-secret', now() + interval '1 day');
INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id) VALUES ('keys-secret', :'acme', :'ada');
INSERT INTO nightbell.announcements (id, tenant_id, type, title, message) VALUES (nightbell.uuidv7(), :'globex', 'TEST_NOTE', 'of globex', 'm');

-- The engine: config-secret is a tenant's configuration, engine-secret what passes through, decided-secret what was decided. Keys
-- are `hidden`, which an attacker may guess.
INSERT INTO nightbell.module_config (tenant_id, module_code, config_json) VALUES (:'acme', 'hidden', '{"a": "config-secret"}');
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, recipient_value, notification_type, template_code)
VALUES (:'acme', 'hidden', 'hidden', 'user', 'ada', 'TEST_NOTE', 'config-secret');
INSERT INTO nightbell.event_types (tenant_id, event_type, description) VALUES (:'acme', 'hidden', 'config-secret');
INSERT INTO nightbell.applied (tenant_id, kind, key) VALUES (:'acme', 'config-secret', 'hidden');
INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, next_attempt_at, idempotency_key)
VALUES (:'acme', 'hidden', 'hidden', '{"note": "engine-secret"}', now(), now(), 'engine-secret');
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, notification_id, app_event, type, channel, address, subject, body, error, next_attempt_at)
SELECT nightbell.uuidv7(), :'acme', :'ada', (SELECT min(id::text)::uuid FROM nightbell.notifications WHERE user_id = :'ada'),
    (SELECT min(id) FROM nightbell.outbox), 'TEST_NOTE', 'email', 'ada-secret', 'ada-secret', 'ada-secret', 'operators-secret', now() FROM generate_series(1, 20);
INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
SELECT :'acme', now(), 'notification', min(id::text), (SELECT min(id) FROM nightbell.outbox), :'ada'::uuid, 'email', 'decided-secret', 'queued',
    '{"note": "decided-secret"}' FROM nightbell.notifications WHERE user_id = :'ada';
INSERT INTO nightbell.attempts (tenant_id, user_id, delivery_id, n, at, channel, outcome, error, address)
SELECT tenant_id, user_id, id, 1, now(), 'email', 'retry', 'operators-secret', 'operators-secret' FROM nightbell.deliveries ORDER BY id LIMIT 5;
INSERT INTO nightbell.delivery_receipts (tenant_id, user_id, delivery_id, at, status, detail, recipient, change)
SELECT tenant_id, user_id, id, now(), 'bounced', 'operators-secret', 'operators-secret', 'history' FROM nightbell.deliveries LIMIT 5;
INSERT INTO nightbell.breakers (channel, endpoint, window_until, error) VALUES ('webhook', 'engine-secret', now(), 'engine-secret');
INSERT INTO nightbell.workers (id, name, host, pid, version) VALUES (gen_random_uuid(), 'engine-secret', 'engine-secret', 1, '1');
INSERT INTO nightbell.event_episodes (tenant_id, source, fingerprint) VALUES (:'acme', 'engine-secret', 'engine-secret');
-- what a person prefers, and how they are reached
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, module, enabled) VALUES (:'acme', :'ada', 'sms', 'ada-secret', false);
INSERT INTO nightbell.user_settings (tenant_id, user_id, quiet_from, quiet_to) VALUES (:'acme', :'ada', '22:00', '23:00');
INSERT INTO nightbell.alert_thresholds (tenant_id, user_id, event_type, condition) VALUES (:'acme', :'ada', 'ada-secret', '$.a == "ada-secret"');
INSERT INTO nightbell.digest_slots (tenant_id, user_id, channel, slot, claimed_at) VALUES (:'acme', :'ada', 'email', now(), now());
INSERT INTO nightbell.devices (tenant_id, user_id, platform, token) VALUES (:'acme', :'ada', 'web', 'token-secret');
INSERT INTO nightbell.endpoints (tenant_id, user_id, channel, address, label, disabled_reason) VALUES (:'acme', :'ada', 'webhook', 'https://endpoint-secret.example', 'endpoint-secret', 'endpoint-secret');
INSERT INTO nightbell.disabled_addresses (tenant_id, channel, address, reason) VALUES (:'acme', 'email', 'token-secret', 'token-secret');
-- what operators work with
INSERT INTO nightbell.windows (tenant_id, window_id, behaviour, event_type, starts, ends, until, reason)
VALUES (:'acme', 'hidden', 'notices', 'hidden', now(), now() + interval '1 day', now() + interval '1 day', 'operators-secret');
INSERT INTO nightbell.window_spans (tenant_id, window_id, starts_at, ends_at) VALUES (:'acme', 'hidden', now(), now() + interval '1 day');
INSERT INTO nightbell.heartbeats (tenant_id, heartbeat_id, starts, rrule, description) VALUES (:'acme', 'hidden', now(), 'FREQ=DAILY', 'operators-secret');
INSERT INTO nightbell.heartbeat_times (tenant_id, heartbeat_id, expected_at) VALUES (:'acme', 'hidden', now());
INSERT INTO nightbell.heartbeat_instances (tenant_id, heartbeat_id, instance, output)
VALUES (:'acme', 'hidden', 'operators-secret', 'operators-secret');
ANALYZE;

SELECT 'ada_row', min(id::text) FROM nightbell.notifications WHERE user_id = :'ada'
UNION ALL SELECT 'mallory_row', min(id::text) FROM nightbell.notifications WHERE user_id = :'mallory'
UNION ALL SELECT 'ada_delivery', min(id::text) FROM nightbell.deliveries
UNION ALL SELECT 'acme_announcement', min(id::text) FROM nightbell.announcements
UNION ALL SELECT 'acme_event', min(id)::text FROM nightbell.admin_system_events WHERE tenant_id = :'acme'
UNION ALL SELECT 'globex_event', min(id)::text FROM nightbell.admin_system_events WHERE tenant_id = :'globex'
UNION ALL SELECT 'global_event', min(id)::text FROM nightbell.admin_system_events WHERE tenant_id IS NULL;
