-- The texts of the demonstration's notifications, and how their blanks are filled. Nothing is random: the same seed
-- gives the same text, so that tests and screenshots are stable relative to the time of loading.
BEGIN;

-- 0 … sides - 1
CREATE FUNCTION nightbell_demo.roll(seed text, sides int) RETURNS int
LANGUAGE sql IMMUTABLE
AS $$ SELECT (('x' || substr(md5(seed), 1, 8))::bit(32)::bigint % sides)::int $$;

CREATE FUNCTION nightbell_demo.pick(seed text, choices text[]) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT choices[1 + nightbell_demo.roll(seed, cardinality(choices))] $$;

-- {n} a number, {amount} {percent} {clock}, {course} {person}, {id} and {id2} UUIDs, {soon} a time within days.
CREATE FUNCTION nightbell_demo.fill(template text, seed text, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    filled text := template;
BEGIN
    IF position('{' IN template) = 0 THEN
        RETURN template;
    END IF;
    filled := replace(filled, '{n}', (1000 + nightbell_demo.roll(seed || 'n', 9000))::text);
    filled := replace(filled, '{amount}', (5 + nightbell_demo.roll(seed || 'amount', 480)) || '.'
        || nightbell_demo.pick(seed || 'cents', '{00,50,90,25}'));
    filled := replace(filled, '{percent}', (80 + nightbell_demo.roll(seed || 'percent', 20))::text);
    filled := replace(filled, '{clock}', nightbell_demo.pick(seed || 'clock', '{07:30,09:00,10:15,12:30,17:45,18:30,20:00}'));
    filled := replace(filled, '{course}', nightbell_demo.pick(seed || 'course',
        '{Morning Yoga,Pilates for Beginners,Spanish B1,Aquarelle débutants,書道入門,Pottery on the Wheel,Salsa,Chess Openings,Bouldering,Жонглирование}'));
    filled := replace(filled, '{person}', nightbell_demo.pick(seed || 'person',
        '{Zoë Müller,Renée Lefèvre,Søren Aagaard,María José Núñez,田中 美咲,李小龙,محمد علي,דוד כהן,अनीता शर्मा,Дмитрий Волков,Ngô Thị Mai,Łukasz Żak}'));
    filled := replace(filled, '{id}', md5(seed || 'id')::uuid::text);
    filled := replace(filled, '{id2}', md5(seed || 'id2')::uuid::text);
    filled := replace(filled, '{soon}', to_char((at + make_interval(hours => 2 + nightbell_demo.roll(seed || 'soon', 70)))
        AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:00:00"Z"'));
    RETURN filled;
END
$$;

CREATE TABLE nightbell_demo.texts (
    ordinal int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    locale  text,          -- for people of this language; NULL: for everybody
    weight  int NOT NULL,  -- how often, relative to the others
    type    text NOT NULL REFERENCES nightbell.notification_types ON DELETE CASCADE,
    title   text NOT NULL,
    message text NOT NULL,
    data    text NOT NULL, -- JSON with blanks
    link    text,
    actions jsonb
);
INSERT INTO nightbell_demo.texts (locale, weight, type, title, message, data, link, actions) VALUES
(NULL, 9, 'BOOKING_CREATED', 'Booking {n}: {course}', '{person} booked {course} for {clock}. One place is left.',
 '{"bookingId": "{id}", "sessionId": "{id2}"}', 'https://acme.example/bookings/{n}', NULL),
(NULL, 8, 'BOOKING_CONFIRMED', 'Confirmed: {course} at {clock}', 'Your place is confirmed. Please be there ten minutes early; the door closes when the session starts.',
 '{"bookingId": "{id}", "sessionId": "{id2}"}', 'https://acme.example/bookings/{n}', NULL),
(NULL, 5, 'BOOKING_CANCELLED', '{person} cancelled {course}', 'Booking {n} was cancelled by the customer. The place is free again and the waiting list has been told.',
 '{"bookingId": "{id}", "sessionId": "{id2}"}', 'https://acme.example/bookings/{n}', NULL),
(NULL, 4, 'REFUND_REQUESTED', 'Refund of {amount} EUR requested', E'{person} asks for {amount} EUR back for booking {n}.\nReason given: "ill, with a doctor''s note".',
 '{"refundId": "{id}", "bookingId": "{id2}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/refunds/{n}',
 '[{"id": "approve", "label": "Approve", "link": "https://acme.example/refunds/approve"}, {"id": "reject", "label": "Reject", "link": "https://acme.example/refunds/reject"}]'),
(NULL, 3, 'REFUND_AUTO_APPROVED', 'Refund of {amount} EUR approved by rule', 'Under the limit for automatic approval. It reaches the customer within three working days.',
 '{"refundId": "{id}", "bookingId": "{id2}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/refunds/{n}', NULL),
(NULL, 2, 'REFUND_APPROVED', 'Your refund of {amount} EUR was approved', 'It is on its way to the card you paid with, ending in 42.',
 '{"refundId": "{id}", "bookingId": "{id2}", "amount": {amount}, "currency": "EUR"}', NULL, NULL),
(NULL, 1, 'REFUND_REJECTED', 'Refund {n} was rejected', 'The session had begun when it was cancelled. You can answer this decision within 14 days.',
 '{"refundId": "{id}", "bookingId": "{id2}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/refunds/{n}', NULL),
(NULL, 9, 'SESSION_REMINDER', '{course} starts at {clock}', 'Room 3, second floor. Bring water and a towel.',
 '{"sessionId": "{id}", "startsAt": "{soon}"}', NULL, NULL),
(NULL, 5, 'WALLET_TOP_UP', 'Wallet topped up by {amount} EUR', 'Thank you. The receipt is attached to your account.',
 '{"transactionId": "{id}", "amount": {amount}, "currency": "EUR"}', NULL, NULL),
(NULL, 3, 'PASS_LOW_SESSIONS', 'Two sessions left on your pass', 'Your ten-session pass for {course} has two sessions left. Renew it now and keep the price.',
 '{"passId": "{id}", "sessionsLeft": 2}', 'https://acme.example/passes', NULL),
(NULL, 3, 'PASS_EXPIRY_REMINDER', 'Your pass ends soon', 'Unused sessions of pass {n} are lost after its last day.',
 '{"passId": "{id}", "expiresAt": "{soon}"}', 'https://acme.example/passes', NULL),
(NULL, 3, 'BILLING_RENEWAL_SUCCESS', 'Subscription renewed: {amount} EUR', 'Invoice {n} is paid. Nothing to do.',
 '{"subscriptionId": "{id}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/invoices/{n}', NULL),
(NULL, 2, 'BILLING_RENEWAL_FAILED', 'Payment for your subscription failed', E'The bank refused {amount} EUR (code 51, insufficient funds).\nWe try again tomorrow; after the third time the subscription is paused.',
 '{"subscriptionId": "{id}", "amount": {amount}, "currency": "EUR", "reason": "insufficient_funds"}', 'https://acme.example/billing', NULL),
(NULL, 1, 'BILLING_CANCELLED', 'Subscription {n} was cancelled', 'It stays usable until the end of the month that is paid.',
 '{"subscriptionId": "{id}"}', NULL, NULL),
(NULL, 2, 'CAMPAIGN_COMPLETED', 'Campaign "Autumn courses" was sent', '4,182 recipients, 4,090 delivered, 1,377 opened, 92 bounced.',
 '{"campaignId": "{id}", "sent": 4182, "failed": 92}', 'https://acme.example/campaigns/{n}', NULL),
(NULL, 2, 'QUOTA_WARNING', 'Mail quota at {percent} %', 'At this pace it is used up in two days. Sending stops when it is.',
 '{"quota": "mail", "used": {percent}, "limit": 100}', NULL, NULL),
(NULL, 4, 'STUDENT_REGISTERED', '{person} registered', 'A new student, by the form on the website. No course chosen yet.',
 '{"studentId": "{id}"}', 'https://acme.example/students/{n}', NULL),
(NULL, 6, 'PAYMENT_RECEIVED', 'Received: {amount} EUR from {person}', 'Bank transfer, reference {n}. Matched to one open invoice.',
 '{"paymentId": "{id}", "amount": {amount}, "currency": "EUR"}', NULL, NULL),
(NULL, 3, 'PAYMENT_CREATED', 'Payment {n} created', '{amount} EUR, to be collected by direct debit.',
 '{"paymentId": "{id}", "amount": {amount}, "currency": "EUR"}', NULL, NULL),
(NULL, 3, 'PAYMENT_DUE', '{amount} EUR are due', 'Invoice {n}. Please pay within a week.',
 '{"paymentId": "{id}", "amount": {amount}, "currency": "EUR", "dueAt": "{soon}"}', 'https://acme.example/invoices/{n}', NULL),
(NULL, 4, 'COURSE_REGISTERED', '{person} joined {course}', 'Twelve of fourteen places are taken.',
 '{"courseId": "{id}", "studentId": "{id2}"}', NULL, NULL),
(NULL, 3, 'PO_APPROVED', 'Purchase order {n} approved', '{amount} EUR, "Möbel Höffner", approved by {person}.',
 '{"poId": "{id}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/po/{n}', NULL),
(NULL, 3, 'INVOICE_OVERDUE', 'Invoice {n} is overdue', '{person} owes {amount} EUR since last week. The first reminder went out this morning.',
 '{"invoiceId": "{id}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/invoices/{n}', NULL),
(NULL, 2, 'GRN_RECEIVED', 'Goods received for order {n}', '24 yoga mats, 2 missing. Signed by {person}.',
 '{"grnId": "{id}", "poId": "{id2}"}', NULL, NULL),
(NULL, 1, 'SYSTEM_EVENT', 'Maintenance tonight, 02:00–02:20 UTC', 'Booking is read-only for about twenty minutes while the database moves.',
 '{"eventId": {n}, "severity": "low", "eventType": "maintenance"}', 'https://status.acme.example', NULL),
(NULL, 1, 'DIGEST', 'Your day: 5 approvals, 3 bookings', E'5 × PO_APPROVED\n3 × BOOKING_CREATED\n1 × INVOICE_OVERDUE',
 '{"count": 9, "items": ["PO_APPROVED", "BOOKING_CREATED", "INVOICE_OVERDUE"]}', NULL, NULL),
(NULL, 1, 'BROADCAST_MESSAGE', '👩‍👩‍👧‍👦 Family day on Sunday 🎉', 'Bring everyone: 👨‍👩‍👧, 🧑🏽‍🚀, 👩🏾‍🎨 and the dog 🐕‍🦺. Free coffee ☕️ from ten.',
 '{"messageId": "{id}"}', 'https://acme.example/family-day', NULL),
('fr-FR', 60, 'SESSION_REMINDER', 'Rappel : « {course} » à {clock}', 'N''oubliez pas votre serviette. À très bientôt — l''équipe d''Acmé.',
 '{"sessionId": "{id}", "startsAt": "{soon}"}', NULL, NULL),
('fr-FR', 40, 'PAYMENT_RECEIVED', 'Paiement reçu : {amount} €', 'Merci {person} ! Votre reçu n° {n} est disponible.',
 '{"paymentId": "{id}", "amount": {amount}, "currency": "EUR"}', NULL, NULL),
('ja-JP', 60, 'BOOKING_CONFIRMED', 'ご予約が確定しました（{n}）', '「{course}」{clock} 開始。開始十分前までにお越しください。キャンセルは前日までにお願いいたします。',
 '{"bookingId": "{id}", "sessionId": "{id2}"}', 'https://acme.example/bookings/{n}', NULL),
('ja-JP', 40, 'PAYMENT_DUE', 'お支払い期限が近づいています', '請求書 {n}：{amount} ユーロ。一週間以内にお支払いください。',
 '{"paymentId": "{id}", "amount": {amount}, "currency": "EUR", "dueAt": "{soon}"}', NULL, NULL),
('ar-EG', 60, 'BOOKING_CONFIRMED', 'تم تأكيد حجزك رقم {n}', 'موعدك الساعة {clock}. نرجو الحضور قبل عشر دقائق من بداية الحصة.',
 '{"bookingId": "{id}", "sessionId": "{id2}"}', 'https://acme.example/bookings/{n}', NULL),
('ar-EG', 40, 'WALLET_TOP_UP', 'تمت إضافة {amount} يورو إلى محفظتك', 'شكراً لك. الإيصال متاح في حسابك.',
 '{"transactionId": "{id}", "amount": {amount}, "currency": "EUR"}', NULL, NULL),
('he-IL', 60, 'SESSION_REMINDER', 'תזכורת: השיעור מתחיל בשעה {clock}', 'חדר 3, קומה שנייה. נא להביא מים ומגבת.',
 '{"sessionId": "{id}", "startsAt": "{soon}"}', NULL, NULL),
('ru-RU', 60, 'INVOICE_OVERDUE', 'Счёт № {n} просрочен', '{person} должен {amount} EUR. Первое напоминание отправлено сегодня утром.',
 '{"invoiceId": "{id}", "amount": {amount}, "currency": "EUR"}', 'https://acme.example/invoices/{n}', NULL),
('it-IT', 40, 'QUOTA_WARNING', 'Quota e-mail al {percent} %', 'A questo ritmo si esaurisce fra due giorni. Perché? La campagna «Città e caffè» è partita due volte.',
 '{"quota": "mail", "used": {percent}, "limit": 100}', NULL, NULL),
(NULL, 2, 'STUDENT_REGISTERED', 'अनीता शर्मा ने पंजीकरण किया', 'वेबसाइट के फ़ॉर्म से एक नई छात्रा। अभी कोई पाठ्यक्रम नहीं चुना गया है।',
 '{"studentId": "{id}"}', NULL, NULL);

-- A text for a person, chosen by weight; in the person's own language if there is one. Leaves out types that only the
-- installation itself may send.
CREATE FUNCTION nightbell_demo.pick_text(seed text, language text, by_anybody boolean) RETURNS nightbell_demo.texts
LANGUAGE sql STABLE
AS $$
    WITH candidates AS (
        SELECT t, sum(t.weight) OVER (ORDER BY t.ordinal) AS reach, sum(t.weight) OVER () AS total
          FROM nightbell_demo.texts t JOIN nightbell.notification_types kind USING (type)
         WHERE (t.locale IS NULL OR t.locale = language) AND (kind.restricted_to IS NULL OR NOT by_anybody)
    )
    SELECT (c.t).* FROM candidates c
     WHERE nightbell_demo.roll(seed || 'text', c.total::int) < c.reach ORDER BY c.reach LIMIT 1
$$;
COMMIT;
