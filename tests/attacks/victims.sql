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
INSERT INTO nightbell.templates (tenant_id, template_code, version, variables) VALUES (:'acme', 'acme-secret', 1, '["acme-secret"]');
INSERT INTO nightbell.template_texts (tenant_id, template_code, version, channel, locale, subject, body_template)
VALUES (:'acme', 'acme-secret', 1, 'email', 'default', 'acme-secret', 'acme-secret');
ANALYZE;

SELECT 'ada_row', min(id::text) FROM nightbell.notifications WHERE user_id = :'ada'
UNION ALL SELECT 'mallory_row', min(id::text) FROM nightbell.notifications WHERE user_id = :'mallory'
UNION ALL SELECT 'acme_announcement', min(id::text) FROM nightbell.announcements
UNION ALL SELECT 'acme_event', min(id)::text FROM nightbell.admin_system_events WHERE tenant_id = :'acme'
UNION ALL SELECT 'globex_event', min(id)::text FROM nightbell.admin_system_events WHERE tenant_id = :'globex'
UNION ALL SELECT 'global_event', min(id)::text FROM nightbell.admin_system_events WHERE tenant_id IS NULL;
