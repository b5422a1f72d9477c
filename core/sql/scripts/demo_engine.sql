-- The demonstration's notify engine: rules, what people prefer, maintenance windows and heartbeats. What it does with them
-- is seen in `demo live`, and told by `nightbell why`.
BEGIN;
-- What an administrator would import, by kind.
CREATE FUNCTION nightbell_demo.import(kind text, VARIADIC documents text[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    problem text;
BEGIN
    EXECUTE format('SELECT min(format(''%%s: %%s'', i.ordinal, i.message)) FROM nightbell.%I($1, $2) AS i WHERE i.sqlstate IS NOT NULL', 'import_' || kind)
        INTO problem USING (SELECT t.id FROM nightbell_demo.tenants t WHERE t.name = 'acme'), documents;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'a document of the demonstration is refused: % %', kind, problem;
    END IF;
END
$$;

-- An order's buyer hears of it, and of a large one every operator. Who is on call is called for what is critical, for the
-- uplink and for heartbeats.
SELECT nightbell_demo.import('rules',
    '{"rule_id": "order-buyer", "event_type": "po_approved", "module": "purchasing", "channel": ["in_app", "email"], "recipient_type": "dynamic_field",
      "recipient_value": "$.po.created_by", "template_code": "po_approved", "notification_type": "PO_APPROVED"}',
    '{"rule_id": "order-large", "event_type": "po_approved", "module": "purchasing", "channel": ["in_app", "email"], "recipient_type": "role",
      "recipient_value": "operator", "condition_expr": "$.po.amount > 100000", "template_code": "po_approved", "notification_type": "PO_APPROVED"}',
    '{"rule_id": "page-critical", "event_type": "*", "module": "system", "channel": ["sms"], "recipient_type": "group", "recipient_value": "on call",
      "condition_expr": "$.severity == \"critical\"", "template_code": "system_event", "notification_type": "SYSTEM_EVENT", "urgency": "critical"}',
    '{"rule_id": "page-uplink", "event_type": "link_*", "module": "system", "channel": ["sms"], "recipient_type": "group", "recipient_value": "on call",
      "template_code": "system_event", "notification_type": "SYSTEM_EVENT"}',
    '{"rule_id": "page-heartbeats", "event_type": "heartbeat_missed", "module": "system", "channel": ["sms"], "recipient_type": "group",
      "recipient_value": "on call", "template_code": "system_event", "notification_type": "SYSTEM_EVENT"}');
SELECT nightbell_demo.import('event_types',
    '{"event_type": "link_*", "description": "The uplink comes and goes", "flap_changes": 3, "flap_within": "PT10M", "reopen_within": "PT1H"}');

-- fatima wants to hear of no order, kenji once an hour, emilie not now, bob of very large ones only.
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, type, enabled)
SELECT p.tenant_id, p.user_id, c, 'PO_APPROVED', false
  FROM nightbell_demo.people p CROSS JOIN unnest('{in_app,email}'::text[]) AS c WHERE p.name = 'fatima';
INSERT INTO nightbell.user_settings (tenant_id, user_id, digest)
SELECT p.tenant_id, p.user_id, 'hourly' FROM nightbell_demo.people p WHERE p.name = 'kenji';
INSERT INTO nightbell.user_settings (tenant_id, user_id, quiet_from, quiet_to)
SELECT p.tenant_id, p.user_id, q.since, q.since + interval '12 hours'
  FROM nightbell_demo.people p
  CROSS JOIN LATERAL (SELECT date_trunc('hour', now() AT TIME ZONE p.time_zone - interval '1 hour')::time AS since) AS q WHERE p.name = 'emilie';
INSERT INTO nightbell.alert_thresholds (tenant_id, user_id, event_type, condition)
SELECT p.tenant_id, p.user_id, 'po_approved', '$.po.amount > 200000' FROM nightbell_demo.people p WHERE p.name = 'bob';

-- A window holds what the uplink says, for some hours from now; a later one is planned.
CREATE FUNCTION nightbell_demo.hold_uplink() RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    at CONSTANT timestamp := date_trunc('minute', now() AT TIME ZONE 'UTC');
BEGIN
    IF NOT EXISTS (SELECT FROM nightbell_demo.tenants t
                   CROSS JOIN LATERAL nightbell.window_holding(t.id, 'link_down', 'uplink-monitor', 'high', '{}', now() + interval '1 hour')
                   WHERE t.name = 'acme') THEN
        PERFORM nightbell_demo.import('windows', jsonb_build_object('window', 'uplink-' || to_char(at, 'MMDD-HH24MI'), 'behaviour', 'notices',
            'event_type', 'link_*', 'source', 'uplink-monitor', 'starts', to_char(at - interval '1 hour', 'YYYY-MM-DD"T"HH24:MI'),
            'ends', to_char(at + interval '4 hours', 'YYYY-MM-DD"T"HH24:MI'), 'reason', 'a new router: the uplink comes and goes')::text);
    END IF;
END
$$;
SELECT nightbell_demo.hold_uplink();
SELECT nightbell_demo.import('windows', jsonb_build_object('window', 'database-upgrade', 'behaviour', 'events', 'source', 'postgres',
    'time_zone', 'Europe/London', 'starts', to_char(date_trunc('week', now() + interval '2 days') + interval '5 days 22 hours', 'YYYY-MM-DD"T"HH24:MI'),
    'ends', to_char(date_trunc('week', now() + interval '2 days') + interval '6 days 2 hours', 'YYYY-MM-DD"T"HH24:MI'),
    'reason', 'PostgreSQL gets its new version')::text);

-- One heartbeat is late, one is healthy; the shop's reports while `demo live` runs, with pauses.
SELECT nightbell_demo.import('heartbeats',
    '{"heartbeat": "nightly-backup", "description": "The backup of every night", "every": "P1D", "grace": "P3D"}',
    '{"heartbeat": "monthly-invoices", "description": "Invoices are rendered", "every": "P31D", "grace": "P2D"}',
    '{"heartbeat": "shop", "description": "The shop sells", "every": "PT20S", "grace": "PT10S", "severity": "medium", "is_active": false}');
UPDATE nightbell.heartbeat_instances i
   SET state = s.state, received_at = now() - s.ago, succeeded_at = now() - s.ago, since = now() - s.ago, verdict = 'in time', exit_status = 0,
       run_id = s.run_id, output = s.output, expected_at = now() - s.ago + h.every, due_at = now() - s.ago + h.every + s.late
  FROM (VALUES ('nightly-backup', 'late', interval '27 hours', '20817', E'84 GB in 31 minutes\nverified', interval '3 days'),
               ('monthly-invoices', 'up', interval '12 days', '20790', '4,182 invoices', interval '0')) AS s (name, state, ago, run_id, output, late)
  JOIN nightbell.heartbeats h ON h.heartbeat_id = s.name
  JOIN nightbell_demo.tenants t ON t.id = h.tenant_id AND t.name = 'acme'
 WHERE i.tenant_id = h.tenant_id AND i.heartbeat_id = h.heartbeat_id;

-- ---- the steps of `demo live` ----

-- The uplink goes down in one round and comes back in the next.
CREATE FUNCTION nightbell_demo.live_flap(round bigint) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    acme CONSTANT uuid := (SELECT t.id FROM nightbell_demo.tenants t WHERE t.name = 'acme');
BEGIN
    IF round % 2 = 0 THEN
        PERFORM nightbell.raise_event('link_down', 'high', 'the uplink is down', tenant => acme, fingerprint => 'live:uplink', source => 'uplink-monitor',
                                      episode_at => clock_timestamp());
        RETURN 'raised in acme: high link_down, which a maintenance window holds';
    END IF;
    PERFORM nightbell.settle_event('uplink-monitor', 'live:uplink', clock_timestamp(), 'the uplink is back', acme);
    RETURN 'settled in acme: link_down';
END
$$;

-- The shop reports in five rounds, and is silent in three.
CREATE FUNCTION nightbell_demo.live_heartbeat(round bigint) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    heard record;
BEGIN
    IF round % 8 >= 5 THEN
        RETURN 'the heartbeat "shop" is silent';
    END IF;
    heard := nightbell.heartbeat('shop', (SELECT t.id FROM nightbell_demo.tenants t WHERE t.name = 'acme'));
    RETURN format('the heartbeat "shop" reports: %s', heard.verdict);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nightbell_demo FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA nightbell_demo TO nightbell_client, nightbell_producer;
COMMIT;
