-- What deliveries.sh loads. Each row is made and moved as the worker moves it, so that the guard of the states holds here too.
CREATE TEMP TABLE made (n int PRIMARY KEY, ago interval, who uuid, channel text, type text, subject text, status text, tries int, error text, provider text, rule text,
                        fallback_of int, digest int, held_for text, urgency text, id uuid);
INSERT INTO made (n, ago, who, channel, type, subject, status, tries, error, provider, rule, fallback_of, digest, held_for, urgency) VALUES
    (1, '2 hours', :ADA, 'email', 'INVOICE_DUE', 'dead mail', 'failed', 4, '550 5.1.1 <ada@acme.example>: user unknown', 'smtp', 'invoices', NULL, NULL, NULL, 'high'),
    (2, '1 hour 26 minutes', :ADA, 'sms', 'INVOICE_DUE', 'dead sms', 'failed', 1, '21610: the recipient has unsubscribed', 'twilio', 'invoices', 1, NULL, NULL, 'high'),
    (3, '1 hour 25 minutes', :ADA, 'push', 'INVOICE_DUE', 'last way', 'sent', 1, NULL, 'webpush', 'invoices', 2, NULL, NULL, 'high'),
    (4, '3 hours', :CAROL, 'email', 'BOOKING_CREATED', 'in digest 1', 'digested', 0, NULL, NULL, 'bookings', NULL, 7, NULL, 'normal'),
    (5, '2 hours 50 minutes', :CAROL, 'email', 'BOOKING_CREATED', 'in digest 2', 'digested', 0, NULL, NULL, 'bookings', NULL, 7, NULL, 'normal'),
    (6, '2 hours 40 minutes', :CAROL, 'email', 'BOOKING_CHANGED', 'in digest 3', 'digested', 0, NULL, NULL, 'bookings', NULL, 7, NULL, 'normal'),
    (7, '2 hours 30 minutes', :CAROL, 'email', 'DIGEST', 'your digest', 'delivered', 1, NULL, 'smtp', NULL, NULL, NULL, NULL, 'normal'),
    (8, '50 minutes', :BOB, 'email', 'REPORT_READY', 'your report', 'read', 1, NULL, 'smtp', 'reports', NULL, NULL, NULL, 'normal'),
    (9, '40 minutes', :BOB, 'webhook', 'ORDER_APPROVED', 'order 4711', 'queued', 2, '502 Bad Gateway', 'webhook', 'orders', NULL, NULL, NULL, 'normal'),
    (10, '35 minutes', :CAROL, 'email', 'ORDER_APPROVED', 'it came back', 'bounced', 1, '552 5.2.2 mailbox full', 'smtp', 'orders', NULL, NULL, NULL, 'normal'),
    (11, '30 minutes', :ADA, 'email', 'NEWSLETTER', 'no longer wanted', 'cancelled', 0, NULL, NULL, 'news', NULL, NULL, NULL, 'low'),
    (12, '20 minutes', :CAROL, 'sms', 'BOOKING_CHANGED', 'tonight', 'held', 0, NULL, NULL, 'bookings', NULL, NULL, 'quiet_hours', 'normal'),
    (13, '15 minutes', :ADA, 'email', 'BOOKING_CREATED', 'hourly', 'held', 0, NULL, NULL, 'bookings', NULL, NULL, 'held_for_digest', 'normal'),
    (14, '9 minutes', :BOB, 'push', 'CAMPAIGN_COMPLETED', 'campaign', 'sent', 1, NULL, 'fcm', 'campaigns', NULL, NULL, NULL, 'normal'),
    (15, '5 minutes', :ADA, 'webhook', 'PAYMENT_RECEIVED', 'payment', 'sending', 1, NULL, 'webhook', 'payments', NULL, NULL, NULL, 'critical'),
    (16, '2 minutes', :ADA, 'email', 'PAYMENT_RECEIVED', 'receipt', 'delivered', 1, NULL, 'smtp', 'payments', NULL, NULL, NULL, 'normal'),
    (17, '1 minute', :CAROL, 'email', 'BOOKING_CREATED', 'fresh', 'queued', 0, NULL, NULL, 'bookings', NULL, NULL, NULL, 'normal');
UPDATE made SET id = nightbell.uuidv7_at(now() - ago);
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, address, subject, body, payload, urgency, priority, status, held_for, held_slot, next_attempt_at,
                                  rule_id, fallback_of, fallback_channels, created_at)
SELECT m.id, :ACME, m.who, m.type, m.channel::nightbell.channel, 'private@acme.example', m.subject, 'the text of ' || m.subject, jsonb_build_object('about', m.subject), m.urgency,
    (m.urgency = 'critical')::int, CASE WHEN m.status IN ('held', 'digested') THEN 'held' ELSE 'queued' END, coalesce(m.held_for, CASE m.status WHEN 'digested' THEN 'held_for_digest' END),
    CASE WHEN m.status IN ('held', 'digested') THEN now() + interval '3 hours' END, CASE WHEN m.status NOT IN ('held', 'digested') THEN now() - m.ago END,
    m.rule, (SELECT o.id FROM made o WHERE o.n = m.fallback_of), CASE m.n WHEN 1 THEN '{sms,push}'::text[] WHEN 2 THEN '{push}' ELSE '{}' END, now() - m.ago
FROM made m ORDER BY m.n;
UPDATE nightbell.deliveries d SET status = 'cancelled' FROM made m WHERE m.id = d.id AND m.status = 'cancelled';
UPDATE nightbell.deliveries d SET status = 'digested', digest_id = (SELECT o.id FROM made o WHERE o.n = m.digest) FROM made m WHERE m.id = d.id AND m.status = 'digested';
UPDATE nightbell.deliveries d SET status = 'sending', attempts = m.tries, provider = m.provider, error = m.error FROM made m WHERE m.id = d.id AND m.tries > 0;
UPDATE nightbell.deliveries d SET status = 'queued', next_attempt_at = now() + interval '25 minutes' FROM made m WHERE m.id = d.id AND m.tries > 0 AND m.status = 'queued';
UPDATE nightbell.deliveries d SET status = 'failed' FROM made m WHERE m.id = d.id AND m.status = 'failed';
UPDATE nightbell.deliveries d SET status = 'sent', provider_message_id = 'q-' || m.n FROM made m
WHERE m.id = d.id AND m.status IN ('sent', 'delivered', 'read', 'bounced');
UPDATE nightbell.deliveries d SET status = m.status FROM made m WHERE m.id = d.id AND m.status IN ('delivered', 'bounced');
UPDATE nightbell.deliveries d SET status = 'read' FROM made m WHERE m.id = d.id AND m.status = 'read';
INSERT INTO nightbell.attempts (tenant_id, user_id, delivery_id, n, at, channel, provider, outcome, code, latency_ms, error, message_id, address)
SELECT :ACME::uuid, m.who, m.id, t, now() - m.ago + (t - 1) * interval '12 minutes' + interval '3 seconds', m.channel, m.provider,
    CASE WHEN t < m.tries THEN 'retry' WHEN m.status = 'failed' THEN 'failed' WHEN m.status = 'queued' THEN 'retry' ELSE 'sent' END,
    CASE WHEN m.channel = 'email' THEN CASE WHEN m.status = 'failed' THEN CASE WHEN t < m.tries THEN 451 ELSE 550 END ELSE 250 END
         WHEN m.channel = 'webhook' THEN 502 END,
    120 + t * 40, CASE WHEN t < m.tries THEN '4.7.1 greylisted' WHEN m.status IN ('failed', 'queued') THEN m.error END,
    CASE WHEN m.status IN ('sent', 'delivered', 'read', 'bounced') THEN 'q-' || m.n END, CASE m.channel WHEN 'email' THEN 'p…@acme.example' WHEN 'sms' THEN '+49…89' END
FROM made m CROSS JOIN LATERAL generate_series(1, m.tries) AS t WHERE m.status <> 'sending';
INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, user_id, channel, rule_id, code, detail)
SELECT :ACME::uuid, now() - m.ago, 'delivery', m.id::text, m.who, m.channel, m.rule, CASE WHEN m.held_for IS NOT NULL THEN m.held_for ELSE 'queued' END, NULL::jsonb FROM made m
UNION ALL
SELECT :ACME::uuid, now() - m.ago + interval '36 minutes', 'delivery', m.id::text, m.who, m.channel, m.rule, 'failed', jsonb_build_object('problem', m.error) FROM made m WHERE m.status = 'failed';
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, address, subject, body, next_attempt_at)
VALUES (nightbell.uuidv7(), :GLOBEX, :MALLORY, 'TEST_NOTE', 'email', 'mallory@globex.example', 'of globex', 'of globex', now());
