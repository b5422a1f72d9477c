-- The demonstration's announcements: one row for a whole tenant, with the receipts of its readers.
BEGIN;
INSERT INTO nightbell.announcements (id, tenant_id, actor_id, actor_name, type, title, message, data, link, urgency, created_at, updated_at)
SELECT nightbell.uuidv7_at(now() - a.age), t.id, p.user_id,
       (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = p.tenant_id AND u.id = p.user_id), a.type, a.title, a.message,
       CASE a.type WHEN 'BROADCAST_MESSAGE' THEN jsonb_build_object('messageId', md5(a.title)::uuid)
                   ELSE jsonb_build_object('eventId', 0, 'severity', 'low', 'eventType', 'maintenance') END,
       a.link, CASE a.type WHEN 'SYSTEM_EVENT' THEN 'high' ELSE kind.urgency END, now() - a.age, now() - a.age
  FROM (VALUES
    ('acme', 'bob', interval '35 days', 'BROADCAST_MESSAGE', 'The autumn programme is out', 'Thirty-one new courses, among them 書道入門 and Жонглирование. Booking opens on Monday at nine.', 'https://acme.example/autumn'),
    ('acme', 'carol', interval '20 days', 'BROADCAST_MESSAGE', 'New opening hours', 'From the first of the month we open at 06:30 on working days.', NULL),
    ('acme', 'bob', interval '9 days', 'SYSTEM_EVENT', 'Maintenance is over', 'The database has moved. Booking is open again; thank you for your patience.', 'https://status.acme.example'),
    ('acme', 'emilie', interval '3 days', 'BROADCAST_MESSAGE', 'Fête d''automne — venez nombreux !', 'Samedi à partir de 18 h : crêpes, cidre et démonstrations. Entrée libre.', NULL),
    ('acme', 'kenji', interval '26 hours', 'BROADCAST_MESSAGE', '書道展のお知らせ', '今週末、二階の教室で生徒の作品を展示します。ぜひお越しください。', NULL),
    ('acme', 'carol', interval '42 minutes', 'SYSTEM_EVENT', 'Maintenance tonight, 02:00–02:20 UTC', 'Booking is read-only for about twenty minutes.', 'https://status.acme.example'),
    ('globex', 'gina', interval '12 days', 'BROADCAST_MESSAGE', 'La mensa riapre lunedì', 'Menù su due piani, caffè incluso.', NULL),
    ('globex', 'gina', interval '5 hours', 'BROADCAST_MESSAGE', 'ברוכים הבאים לצוות החדש', 'הצוות בתל אביב מתחיל היום. בואו להגיד שלום.', NULL)
  ) AS a (tenant, actor, age, type, title, message, link)
  JOIN nightbell_demo.tenants t ON t.name = a.tenant
  JOIN nightbell_demo.people p ON p.name = a.actor
  JOIN nightbell.notification_types kind ON kind.type = a.type
 ORDER BY a.age DESC;

INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at, archived_at)
SELECT a.tenant_id, a.id, p.user_id, a.created_at + interval '2 hours',
       CASE WHEN nightbell_demo.roll(a.title || p.name, 3) = 0 THEN a.created_at + interval '3 hours' END
  FROM nightbell.announcements a JOIN nightbell_demo.people p ON p.tenant_id = a.tenant_id
 WHERE a.tenant_id IN (SELECT id FROM nightbell_demo.tenants) AND a.created_at < now() - interval '1 day'
   AND nightbell_demo.roll(a.title || p.name || 'read', 5) > 0;
COMMIT;
