-- The channels that the database knows, with what waits for each.
-- Columns: name, kind text, needs_address boolean, known_at timestamptz, waiting bigint, oldest timestamptz, endpoints bigint
--          (the last three NULL for who may not know)
SELECT c.name, c.kind, c.needs_address, c.known_at, c.waiting, c.oldest, c.endpoints
FROM nightbell.channel_report() AS c
