-- What the demonstration sends by mail, SMS, push and webhook, and what goes wrong with it: an address that is misspelt, a device that
-- has gone. `demo live` sends (core/demo/send.sh). A demonstration that an earlier version loaded gets this when it is loaded again.
BEGIN;
-- A large order is worth a push to those on call, and an SMS where no device takes it; bob's own program hears of it, too.
SELECT nightbell_demo.import('templates',
    '{"template_code": "order_large", "description": "A large order, in a line",
      "variables": [{"name": "po.number", "required": true}, {"name": "po.supplier", "required": true}, {"name": "po.amount", "type": "number", "required": true}],
      "texts": [
       {"channel": "*", "locale": "default", "subject": "Order {{po.number}}: {{po.amount}} EUR", "body_template": "{{po.supplier}} delivers for {{po.amount}} EUR."},
       {"channel": "*", "locale": "fr", "subject": "Commande {{po.number}} : {{po.amount}} EUR", "body_template": "{{po.supplier}} livre pour {{po.amount}} EUR."},
       {"channel": "*", "locale": "ja", "subject": "注文 {{po.number}}: {{po.amount}} EUR", "body_template": "{{po.supplier}} から {{po.amount}} EUR の納品です。"}]}');
SELECT nightbell_demo.import('rules',
    '{"rule_id": "order-on-call", "event_type": "po_approved", "module": "purchasing", "channel": ["push"], "fallback_channels": ["sms"],
      "recipient_type": "group", "recipient_value": "on call", "condition_expr": "$.po.amount > 200000", "template_code": "order_large",
      "notification_type": "PO_APPROVED"}',
    '{"rule_id": "order-hook", "event_type": "po_approved", "module": "purchasing", "channel": ["webhook"], "recipient_type": "user",
      "recipient_value": "bob", "condition_expr": "$.po.amount > 200000", "template_code": "order_large", "notification_type": "PO_APPROVED"}');
SELECT nightbell_demo.import('devices',
    '{"id": "00000000-0000-4000-b000-00000000000b", "user": "bob", "platform": "android", "token": "telephone-of-bob"}',
    '{"id": "00000000-0000-4000-b000-00000000000c", "user": "carol", "platform": "ios", "token": "lost-telephone-of-carol"}');
SELECT nightbell_demo.import('endpoints',
    '{"id": "00000000-0000-4000-b000-00000000001b", "user": "bob", "channel": "webhook", "address": "https://hooks.acme.example/orders",
      "label": "orders, for the dashboard"}');

-- Somebody has misspelt olga's address: her mails are the dead letters to find, to repair and to send again.
UPDATE nightbell.users u SET email = 'olga@acme.exmaple'
  FROM nightbell_demo.people p WHERE p.name = 'olga' AND u.tenant_id = p.tenant_id AND u.id = p.user_id AND u.email = 'olga@acme.example';
INSERT INTO nightbell.alert_thresholds (tenant_id, user_id, event_type, condition)
SELECT p.tenant_id, p.user_id, 'po_approved', '$.po.amount > 200000' FROM nightbell_demo.people p WHERE p.name = 'olga'
ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION nightbell_demo.publish_order(buyer text, number text, supplier text, amount int) RETURNS bigint
LANGUAGE sql
AS $$
    SELECT nightbell.publish((SELECT t.id FROM nightbell_demo.tenants t WHERE t.name = 'acme'), 'po_approved', 'purchasing',
        jsonb_build_object('poId', number, 'amount', amount, 'currency', 'EUR', 'supplier', supplier,
            'po', jsonb_build_object('number', number, 'amount', amount, 'currency', 'EUR', 'supplier', supplier, 'approved_by', 'carol',
                                     'created_by', buyer)))
$$;

CREATE OR REPLACE FUNCTION nightbell_demo.live_publish(seed text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    buyer CONSTANT text := nightbell_demo.pick(seed || 'buyer', '{ada,emilie,kenji,fatima}');
    amount CONSTANT int := nightbell_demo.pick(seed || 'amount', '{4200,38000,150000,150000,240000}')::int;
    number CONSTANT text := format('PO-%s', 1000 + nightbell_demo.roll(seed || 'number', 9000));
    supplier CONSTANT text := nightbell_demo.pick(seed || 'supplier', '{"Müller & Söhne","Atelier du Nord","北斗製作所",Initech}');
BEGIN
    RETURN format('published po_approved: %s of %s, %s EUR (nightbell why app:%s)', number, buyer, amount,
        nightbell_demo.publish_order(buyer, number, supplier, amount));
END
$$;

-- Tells bob where it goes to, in his inbox and among the events; and sees to it that there is something to be sent at once.
CREATE OR REPLACE FUNCTION nightbell_demo.tell_where(sent text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    bob CONSTANT nightbell_demo.people := (SELECT p FROM nightbell_demo.people p WHERE p.name = 'bob');
    heading CONSTANT text := 'What is sent here becomes files';
BEGIN
    PERFORM nightbell.raise_event('demonstration', 'low', 'mails, SMS, pushes and webhooks become files in ' || sent,
        details => jsonb_build_object('directory', sent), tenant => bob.tenant_id, fingerprint => 'demo:sent', source => 'demo live');
    IF NOT EXISTS (SELECT FROM nightbell.notifications n WHERE n.tenant_id = bob.tenant_id AND n.user_id = bob.user_id AND n.title = heading) THEN
        PERFORM nightbell.notify(bob.tenant_id, bob.user_id, 'BROADCAST_MESSAGE', heading,
            format(E'Mails, SMS, pushes and webhooks of the demonstration do not leave this machine. They are files in\n%s\n\n'
                'The view Deliveries shows them on their way. One is given up, because olga''s address is misspelt: repair it '
                '(nightbell users show olga --tenant acme), find the dead letter (is:dead), and send it again.', sent),
            data => jsonb_build_object('messageId', md5('demo:sent')::uuid));
    END IF;
    PERFORM nightbell_demo.publish_order('ada', 'PO-' || to_char(now(), 'MMDD-HH24MI'), 'Müller & Söhne', 240000);
END
$$;

-- By the administrator, when `demo live` begins and when it ends. sent: the folder that it sends into; NULL: it sends nothing.
DROP FUNCTION IF EXISTS nightbell_demo.live_begins(boolean);
CREATE OR REPLACE FUNCTION nightbell_demo.live_begins(begins boolean, sent text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    acme CONSTANT uuid := (SELECT t.id FROM nightbell_demo.tenants t WHERE t.name = 'acme');
BEGIN
    IF begins THEN
        PERFORM nightbell_demo.hold_uplink();
    END IF;
    PERFORM nightbell_demo.import('heartbeats', (h.document::jsonb || jsonb_build_object('is_active', begins))::text)
    FROM nightbell.heartbeat_documents(acme, 'shop') AS h;
    IF begins AND sent IS NOT NULL THEN
        PERFORM nightbell_demo.tell_where(sent);
    ELSIF NOT begins AND EXISTS (SELECT FROM nightbell.admin_system_events e
                                 WHERE e.tenant_id = acme AND e.fingerprint = 'demo:sent' AND NOT e.is_resolved) THEN
        PERFORM nightbell.settle_event('demo live', 'demo:sent', NULL, 'nobody sends any more', acme);
    END IF;
END
$$;

-- What providers tell of what they took, some seconds later, by the worker's login: most arrives, ada opens her mails, and now and then
-- carol's mailbox is full.
CREATE OR REPLACE FUNCTION nightbell_demo.live_receipts() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    receipts text[];
BEGIN
    SELECT array_agg(jsonb_build_object('delivery', d.id, 'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ||
        CASE WHEN d.status = 'delivered' THEN jsonb_build_object('status', 'opened')
             WHEN d.channel = 'email' AND p.name = 'carol' AND nightbell_demo.roll(d.id::text || 'full', 4) = 0
             THEN jsonb_build_object('status', 'bounced', 'code', '5.2.2', 'detail', 'the mailbox is full')
             ELSE jsonb_build_object('status', 'delivered') END) INTO receipts
    FROM nightbell_demo.people p
    JOIN nightbell.deliveries d ON d.tenant_id = p.tenant_id AND d.user_id = p.user_id AND d.created_at > now() - interval '1 hour'
    WHERE d.channel IN ('email', 'sms')
        AND (d.status = 'sent' AND d.sent_at < now() - interval '4 seconds'
             OR d.status = 'delivered' AND d.channel = 'email' AND p.name = 'ada' AND d.delivered_at < now() - interval '10 seconds');
    IF receipts IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM nightbell.import_receipts(receipts);
    RETURN format('told of: %s receipts', cardinality(receipts));
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nightbell_demo FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA nightbell_demo TO nightbell_client, nightbell_producer;
REVOKE ALL ON FUNCTION nightbell_demo.live_receipts(), nightbell_demo.tell_where(text), nightbell_demo.live_begins(boolean, text)
    FROM nightbell_client, nightbell_producer;
GRANT USAGE ON SCHEMA nightbell_demo TO nightbell_worker;
GRANT EXECUTE ON FUNCTION nightbell_demo.live_receipts() TO nightbell_worker;
CREATE TABLE nightbell_demo.sending AS SELECT now() AS at; -- the mark that this was done
COMMIT;
