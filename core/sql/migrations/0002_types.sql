-- The standard catalogue of notification types. A type that an installation has made or changed by itself stays as it is.

INSERT INTO nightbell.notification_types
    (type, module, description, urgency, data_schema, default_channels, unsubscribable, restricted_to, ttl)
SELECT t.type, t.module, t.description, t.urgency,
    jsonb_build_object('type', 'object', 'required', t.required, 'properties', (
        SELECT jsonb_object_agg(p.name, CASE
            WHEN p.name IN ('amount', 'total') THEN '{"type": "number", "minimum": 0}'::jsonb
            WHEN p.name = 'currency' THEN '{"type": "string", "pattern": "^[A-Z]{3}$"}'
            WHEN p.name IN ('startsAt', 'expiresAt', 'renewsAt', 'endsAt', 'dueAt', 'until')
                THEN '{"type": "string", "format": "date-time"}'
            WHEN p.name IN ('sessionsLeft', 'sent', 'failed', 'used', 'limit', 'count', 'daysOverdue', 'attempt', 'eventId')
                THEN '{"type": "integer", "minimum": 0}'
            WHEN p.name = 'severity' THEN '{"enum": ["low", "medium", "high", "critical"]}'
            WHEN p.name = 'items' THEN '{"type": "array", "maxItems": 200}'
            ELSE '{"type": "string", "minLength": 1, "maxLength": 200}'
            END)
        FROM (SELECT jsonb_array_elements_text(t.required || t.optional) AS name) AS p)),
    t.channels, t.unsubscribable, t.restricted_to, t.ttl
FROM (VALUES
    ('BOOKING_CREATED', 'booking', 'A booking was made', 'normal', '["bookingId", "sessionId"]'::jsonb, '[]'::jsonb, '{in_app,email}'::text[], true, NULL::text[], NULL::interval),
    ('BOOKING_CANCELLED', 'booking', 'A booking was cancelled', 'high', '["bookingId", "sessionId"]', '["reason"]', '{in_app,email}', true, NULL, NULL),
    ('BOOKING_CONFIRMED', 'booking', 'A booking was confirmed', 'normal', '["bookingId", "sessionId"]', '[]', '{in_app,email}', true, NULL, NULL),
    ('REFUND_AUTO_APPROVED', 'refund', 'A refund was approved by rule', 'normal', '["refundId", "bookingId", "amount", "currency"]', '[]', '{in_app,email}', true, NULL, NULL),
    ('REFUND_REQUESTED', 'refund', 'A refund waits for a decision', 'high', '["refundId", "bookingId", "amount", "currency"]', '["reason"]', '{in_app}', true, NULL, NULL),
    ('REFUND_APPROVED', 'refund', 'A refund was approved', 'normal', '["refundId", "bookingId", "amount", "currency"]', '[]', '{in_app,email}', true, NULL, NULL),
    ('REFUND_REJECTED', 'refund', 'A refund was rejected', 'high', '["refundId", "bookingId", "amount", "currency"]', '["reason"]', '{in_app,email}', true, NULL, NULL),
    ('SESSION_REMINDER', 'session', 'A session begins soon', 'normal', '["sessionId", "startsAt"]', '["place"]', '{in_app,push}', true, NULL, '7 days'),
    ('WALLET_TOP_UP', 'wallet', 'Money was added to the wallet', 'normal', '["transactionId", "amount", "currency"]', '[]', '{in_app}', true, NULL, NULL),
    ('BROADCAST_MESSAGE', 'message', 'A message to many', 'normal', '["messageId"]', '[]', '{in_app}', true, NULL, NULL),
    ('PASS_LOW_SESSIONS', 'pass', 'Few sessions are left on a pass', 'normal', '["passId", "sessionsLeft"]', '[]', '{in_app}', true, NULL, NULL),
    ('PASS_EXPIRY_REMINDER', 'pass', 'A pass ends soon', 'normal', '["passId", "expiresAt"]', '[]', '{in_app,email}', true, NULL, '60 days'),
    ('BILLING_RENEWAL_SUCCESS', 'billing', 'A subscription was renewed', 'normal', '["subscriptionId"]', '["amount", "currency", "renewsAt"]', '{in_app,email}', true, NULL, NULL),
    ('BILLING_RENEWAL_FAILED', 'billing', 'A subscription could not be renewed', 'critical', '["subscriptionId"]', '["amount", "currency", "reason", "attempt"]', '{in_app,email}', false, NULL, NULL),
    ('BILLING_CANCELLED', 'billing', 'A subscription was cancelled', 'high', '["subscriptionId"]', '["endsAt", "reason"]', '{in_app,email}', false, NULL, NULL),
    ('CAMPAIGN_COMPLETED', 'campaign', 'A campaign was sent', 'low', '["campaignId"]', '["sent", "failed"]', '{in_app}', true, NULL, NULL),
    ('QUOTA_WARNING', 'quota', 'A quota is nearly used up', 'high', '["quota", "used", "limit"]', '[]', '{in_app,email}', true, NULL, NULL),
    ('STUDENT_REGISTERED', 'school', 'A student was registered', 'normal', '["studentId"]', '["courseId"]', '{in_app}', true, NULL, NULL),
    ('PAYMENT_CREATED', 'payment', 'A payment was created', 'normal', '["paymentId", "amount", "currency"]', '[]', '{in_app}', true, NULL, NULL),
    ('PAYMENT_RECEIVED', 'payment', 'A payment arrived', 'normal', '["paymentId", "amount", "currency"]', '["invoiceId"]', '{in_app,email}', true, NULL, NULL),
    ('PAYMENT_DUE', 'payment', 'A payment is due', 'high', '["paymentId", "amount", "currency", "dueAt"]', '["invoiceId"]', '{in_app,email}', true, NULL, NULL),
    ('COURSE_REGISTERED', 'school', 'Registered for a course', 'normal', '["courseId"]', '["studentId", "startsAt"]', '{in_app,email}', true, NULL, NULL),
    ('PO_APPROVED', 'purchasing', 'A purchase order was approved', 'normal', '["poId"]', '["amount", "currency", "supplier"]', '{in_app}', true, NULL, NULL),
    ('INVOICE_OVERDUE', 'invoicing', 'An invoice is overdue', 'high', '["invoiceId"]', '["amount", "currency", "daysOverdue", "dueAt"]', '{in_app,email}', true, NULL, NULL),
    ('GRN_RECEIVED', 'purchasing', 'Goods were received', 'normal', '["grnId"]', '["poId", "supplier"]', '{in_app}', true, NULL, NULL),
    -- the installation speaks: not for every producer, and nobody opts out of it
    ('SYSTEM_EVENT', 'system', 'A system event needs attention', 'critical', '["eventId", "severity"]', '["eventType", "source"]', '{in_app,email}', false, '{admin,worker}', NULL),
    ('DIGEST', 'system', 'What was held back, in one', 'low', '["count"]', '["items", "until"]', '{in_app,email}', true, '{admin,worker}', '30 days')
) AS t (type, module, description, urgency, required, optional, channels, unsubscribable, restricted_to, ttl)
ON CONFLICT (type) DO NOTHING;
