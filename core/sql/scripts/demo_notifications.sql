-- The demonstration's notifications: some thousands over the last six weeks, most of them recent. Their ids have the
-- time of sending, as if producers had sent them then. Older ones are read, and some are archived.
BEGIN;
-- A UUID version 7 of that time; its other bits are derived from the seed.
CREATE FUNCTION nightbell_demo.letter_id(at timestamptz, seed text) RETURNS uuid
LANGUAGE sql STABLE
AS $$
    SELECT encode(int8send((floor(date_part('epoch', at) * 1000)::bigint << 16) | 28672 | nightbell_demo.roll(seed || 'id', 4096))
                  || set_byte(hash, 0, 128 | (get_byte(hash, 0) & 63)), 'hex')::uuid
      FROM substr(decode(md5(seed), 'hex'), 1, 8) AS hash
$$;

CREATE TEMP TABLE demo_letter ON COMMIT DROP AS
WITH letter AS (
    SELECT p.tenant_id, p.user_id, p.locale, p.name || ':' || n AS seed, now() - interval '50 seconds'
           - interval '42 days' * power(nightbell_demo.roll(p.name || ':' || n, 1000000) / 1000000.0, 1.4) AS sent_at
      FROM nightbell_demo.people p CROSS JOIN LATERAL generate_series(1, p.letters) AS n
), timed AS (
    SELECT letter.*, date_part('epoch', now() - sent_at) / 86400 AS days, nightbell_demo.roll(seed || 'fate', 1000) AS fate
      FROM letter
), touched AS (
    SELECT timed.*,
           CASE WHEN days > 3 AND fate >= 6 OR days BETWEEN 1 AND 3 AND fate >= 60 OR days < 1 AND fate >= 300
                THEN least(sent_at + make_interval(mins => 3 + nightbell_demo.roll(seed || 'read', 900)), now() - interval '5 seconds')
           END AS seen_at
      FROM timed
)
SELECT t.*,
       CASE WHEN seen_at IS NOT NULL AND days > 2 AND fate % 4 = 0
            THEN least(seen_at + interval '20 minutes', now()) END AS put_away_at
  FROM touched t;

INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, actor_name, type, title, message, data, link, actions,
                                     urgency, created_at, updated_at, read_at, archived_at)
SELECT nightbell_demo.letter_id(l.sent_at, l.seed),
       l.tenant_id, l.user_id,
       actor.user_id, actor.name,
       text.type, nightbell_demo.fill(text.title, l.seed, l.sent_at), nightbell_demo.fill(text.message, l.seed, l.sent_at),
       nightbell_demo.fill(text.data, l.seed, l.sent_at)::jsonb, nightbell_demo.fill(text.link, l.seed, l.sent_at), text.actions,
       kind.urgency, l.sent_at, coalesce(l.put_away_at, l.seen_at, l.sent_at), l.seen_at, l.put_away_at
  FROM demo_letter l
  CROSS JOIN LATERAL nightbell_demo.pick_text(l.seed, l.locale, false) AS text
  JOIN nightbell.notification_types kind ON kind.type = text.type
  LEFT JOIN LATERAL (
      SELECT u.id AS user_id, u.name
        FROM nightbell_demo.people p JOIN nightbell.users u ON u.tenant_id = p.tenant_id AND u.id = p.user_id
       WHERE p.tenant_id = l.tenant_id AND p.user_id <> l.user_id
       ORDER BY nightbell_demo.roll(l.seed || p.name, 1000000) LIMIT 1) AS actor ON l.fate % 3 = 0
 ORDER BY l.sent_at;

-- A hostile one: it tries to retitle and clear the terminal, to look like another row, and to hide its contents.
INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, data, link, created_at, updated_at)
SELECT nightbell.uuidv7_at(now() - make_interval(mins => 7)), p.tenant_id, p.user_id, 'BROADCAST_MESSAGE',
       E'\u001B]0;owned\u0007\u001B[2J\u001B[31mInvoice\u001B[0m \u202Egpj.exe\u202C is ready\u200B\u00AD',
       E'This text tries to take over the terminal: \u001B[?1049h\u001B[8m\u009B31m hidden \u001B[0m\rand a carriage return.\n'
       'Bidi: \u2066\u202Eright to left\u202C\u2069. Tags: \U000E0041\U000E0042. All of it should be visible and harmless.',
       jsonb_build_object('messageId', md5(p.name)::uuid, 'note', E'\u009B31mC1 control\u001B[0m'), 'javascript:alert(1)',
       now() - make_interval(mins => 7), now() - make_interval(mins => 7)
  FROM nightbell_demo.people p WHERE p.name IN ('ada', 'bob');
COMMIT;
