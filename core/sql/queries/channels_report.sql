-- The channels that the database knows, with what is known of them: functions/052_channels.sql.
-- Columns: name, kind text, needs_address boolean, known_at timestamptz, rules, addresses, waiting bigint, oldest, sent_at, failed_at timestamptz,
--          error, breaker text, breaker_until timestamptz, down bigint (from rules on NULL for who may not know)
SELECT c.name, c.kind, c.needs_address, c.known_at, c.rules, c.addresses, c.waiting, c.oldest, c.sent_at, c.failed_at, c.error, c.breaker,
    c.breaker_until, c.down
FROM nightbell.channel_report() AS c
