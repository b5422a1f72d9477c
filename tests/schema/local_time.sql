-- Quiet hours and digests through a year of six zones whose clocks are changed in different ways, against the slow and obvious
-- reference: look at the clock every minute, and note when each date first reads a time of day or more.
BEGIN;
SELECT plan(21);
\ir everybody.psql

-- weeks with a change of the clock, by a whole hour, half an hour, at midnight, in the south; and one zone without any
CREATE TABLE pg_temp.week (zone text, begins timestamptz);
INSERT INTO pg_temp.week VALUES
    ('Europe/Riga', '2026-03-27'), ('Europe/Riga', '2026-10-23'), ('America/New_York', '2026-03-06'), ('America/New_York', '2026-10-30'),
    ('Australia/Lord_Howe', '2026-04-03'), ('Australia/Lord_Howe', '2026-10-02'), ('Africa/Cairo', '2026-04-22'), ('Africa/Cairo', '2026-10-28'),
    ('America/Santiago', '2026-04-03'), ('America/Santiago', '2026-09-04'), ('Asia/Kolkata', '2026-06-01');
CREATE TABLE pg_temp.minute AS
SELECT w.zone, w.begins, m AS at, m AT TIME ZONE w.zone AS reading
FROM pg_temp.week w CROSS JOIN generate_series(w.begins - interval '2 days', w.begins + interval '6 days', interval '1 minute') AS m;
CREATE INDEX ON pg_temp.minute (zone, begins, at);
SELECT ok((SELECT count(DISTINCT nightbell.zone_offset(at, zone)) FROM minute WHERE zone <> 'Asia/Kolkata') > 6, 'the clocks are changed in these weeks');

-- when each date first reads the time of day or more
CREATE FUNCTION pg_temp.first(time_of_day time) RETURNS TABLE (zone text, begins timestamptz, day date, at timestamptz) LANGUAGE sql
AS $$ SELECT m.zone, m.begins, m.reading::date, min(m.at) FROM pg_temp.minute m WHERE m.reading::time >= time_of_day GROUP BY 1, 2, 3 $$;
CREATE TABLE pg_temp.firsts (zone text, begins timestamptz, day date, at timestamptz);
CREATE TABLE pg_temp.quiet (zone text, begins timestamptz, starts timestamptz, ends timestamptz);
-- a digest's day, and a quiet time, at each minute of what is asked
CREATE FUNCTION pg_temp.wrong_days(time_of_day time) RETURNS bigint LANGUAGE sql
AS $$
    SELECT count(*) FROM (SELECT * FROM pg_temp.minute m WHERE m.at BETWEEN m.begins AND m.begins + interval '4 days' AND extract(minute FROM m.at)::int % 5 = 0) AS m
    WHERE nightbell.digest_slot(m.at, m.zone, 'daily', time_of_day) IS DISTINCT FROM
        (SELECT min(f.at) FROM pg_temp.firsts f WHERE f.zone = m.zone AND f.begins = m.begins AND f.at > m.at)
$$;
CREATE FUNCTION pg_temp.prepare(quiet_from time, quiet_to time) RETURNS void LANGUAGE sql
AS $$
    DELETE FROM pg_temp.quiet;
    INSERT INTO pg_temp.quiet SELECT f.zone, f.begins, f.at, t.at FROM pg_temp.first(quiet_from) f
        JOIN pg_temp.first(quiet_to) t ON t.zone = f.zone AND t.begins = f.begins AND t.day = f.day + CASE WHEN quiet_to < quiet_from THEN 1 ELSE 0 END
$$;
CREATE FUNCTION pg_temp.wrong_quiet(quiet_from time, quiet_to time) RETURNS bigint LANGUAGE sql
AS $$
    SELECT count(*) FROM (SELECT * FROM pg_temp.minute m WHERE m.at BETWEEN m.begins AND m.begins + interval '4 days' AND extract(minute FROM m.at)::int % 5 = 0) AS m
    WHERE nightbell.quiet_until(m.at, m.zone, quiet_from, quiet_to) IS DISTINCT FROM
        coalesce((SELECT max(q.ends) FROM pg_temp.quiet q WHERE q.zone = m.zone AND q.begins = m.begins AND q.starts <= m.at AND m.at < q.ends), m.at)
$$;

DO $$ BEGIN PERFORM pg_temp.prepare('22:00', '07:00'); END $$;
SELECT is(pg_temp.wrong_quiet('22:00', '07:00'), 0::bigint, 'quiet over midnight');
DO $$ BEGIN PERFORM pg_temp.prepare('23:30', '02:30'); END $$;
SELECT is(pg_temp.wrong_quiet('23:30', '02:30'), 0::bigint, 'that ends in the hour which is skipped, or comes twice');
DO $$ BEGIN PERFORM pg_temp.prepare('02:15', '12:00'); END $$;
SELECT is(pg_temp.wrong_quiet('02:15', '12:00'), 0::bigint, 'that begins in it');
DO $$ BEGIN PERFORM pg_temp.prepare('00:10', '03:00'); END $$;
SELECT is(pg_temp.wrong_quiet('00:10', '03:00'), 0::bigint, 'that has it within');
INSERT INTO firsts SELECT * FROM pg_temp.first('08:00');
SELECT is(pg_temp.wrong_days('08:00'), 0::bigint, 'a digest every morning');
DELETE FROM firsts; INSERT INTO firsts SELECT * FROM pg_temp.first('02:30');
SELECT is(pg_temp.wrong_days('02:30'), 0::bigint, 'in the hour that is skipped, or comes twice: once a day');
DELETE FROM firsts; INSERT INTO firsts SELECT * FROM pg_temp.first('00:00');
SELECT is(pg_temp.wrong_days('00:00'), 0::bigint, 'at midnight, which Cairo skips');
SELECT is((SELECT count(*) FROM (SELECT * FROM minute m WHERE m.at BETWEEN m.begins AND m.begins + interval '4 days' AND extract(minute FROM m.at)::int % 5 = 0) AS m
           WHERE nightbell.digest_slot(m.at, m.zone, 'hourly', NULL) IS DISTINCT FROM
               (SELECT n.at FROM minute n WHERE n.zone = m.zone AND n.begins = m.begins AND n.at > m.at AND extract(minute FROM n.reading) = 0 ORDER BY n.at LIMIT 1)),
          0::bigint, 'every full hour of the clock, in zones of half an hour too');

-- a whole year: 365 mornings, each on its own date
SELECT is((WITH RECURSIVE mornings AS (
               SELECT z.zone, nightbell.digest_slot('2026-01-01 00:00+00', z.zone, 'daily', '02:30') AS at, 1 AS n
               FROM unnest('{Europe/Riga,America/New_York,Australia/Lord_Howe,Africa/Cairo,America/Santiago,Asia/Kolkata}'::text[]) AS z (zone)
               UNION ALL SELECT m.zone, nightbell.digest_slot(m.at, m.zone, 'daily', '02:30'), m.n + 1 FROM mornings m WHERE m.n < 365)
           SELECT string_agg(DISTINCT format('%s', (SELECT count(DISTINCT (o.at AT TIME ZONE o.zone)::date) FROM mornings o WHERE o.zone = m.zone)), ' ') FROM mornings m),
          '365', 'a year of six zones has 365 digests in each, on as many dates');

-- the known ones, in words
SELECT is(nightbell.quiet_until('2026-03-28 22:30+00', 'Europe/Riga', '22:00', '07:00'), '2026-03-29 04:00+00', 'the short night of Riga ends at 7 o''clock');
SELECT is(nightbell.quiet_until('2026-10-24 22:30+00', 'Europe/Riga', '22:00', '07:00'), '2026-10-25 05:00+00', 'so does the long one');
SELECT is(nightbell.quiet_until('2026-03-29 00:30+00', 'Europe/Riga', '22:00', '03:30'), '2026-03-29 01:00+00', 'half past three is skipped: it ends at the skip');
SELECT is(nightbell.quiet_until('2026-10-25 00:15+00', 'Europe/Riga', '22:00', '03:30'), '2026-10-25 00:30+00', 'where it comes twice, it ends the first time');
SELECT is(nightbell.quiet_until('2026-10-25 01:15+00', 'Europe/Riga', '22:00', '03:30'), '2026-10-25 01:15+00', 'and does not begin again');
SELECT is(nightbell.quiet_until('2026-06-01 12:00+00', 'UTC', NULL, NULL), '2026-06-01 12:00+00', 'nobody said anything: not quiet');

-- together
SELECT is(nightbell.held_until('2026-06-01 12:00+00', 'UTC', '22:00', '07:00', NULL, 'off', '08:00'), NULL, 'by day: now');
SELECT is(nightbell.held_until('2026-06-01 23:10+00', 'UTC', '22:00', '07:30', NULL, 'hourly', '08:00'), '2026-06-02 08:00+00', 'an hourly digest waits for the end of the night');
SELECT is(nightbell.held_until('2026-06-01 21:10+00', 'UTC', '22:00', '07:30', NULL, 'hourly', '08:00'), '2026-06-02 07:30+00', 'and one whose slot is in the night too');
SELECT is(nightbell.held_until('2026-06-01 12:00+00', 'UTC', '22:00', '07:00', '2026-06-01 23:00+00', 'off', '08:00'), '2026-06-02 07:00+00', 'do not disturb until late: until the morning');
SELECT is(nightbell.held_until('2026-06-01 12:00+00', 'UTC', NULL, NULL, '2026-06-02 08:00+00', 'daily', '08:00'), '2026-06-02 08:00+00', 'what is free at the very slot goes with it');
SELECT * FROM finish();
ROLLBACK;
