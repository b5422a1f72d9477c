-- Episodes of a source's alarms: late, doubled and reordered messages come to the state of the ordered ones. Time is
-- injected (nightbell.clock).
BEGIN;
SELECT plan(58);
CREATE FUNCTION pg_temp.at(clock timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.clock', clock::text, true) $$;
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
\ir everybody.psql
SELECT set_config('nightbell.acme', :'ACME', true) IS NULL AS quiet \gset

-- "fire 10:00" and "settle 10:00 [note]" by the source prometheus; returns "EVENT" or "OUTCOME EVENT", events counted from 1
CREATE TEMP TABLE seen (n serial, id bigint UNIQUE);
GRANT ALL ON seen, seen_n_seq TO PUBLIC;
CREATE FUNCTION pg_temp.name(event bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF event IS NULL THEN RETURN NULL; END IF;
    INSERT INTO pg_temp.seen (id) SELECT event WHERE NOT EXISTS (SELECT FROM pg_temp.seen s WHERE s.id = event);
    RETURN (SELECT s.n FROM pg_temp.seen s WHERE s.id = event);
END
$$;
CREATE FUNCTION pg_temp.fire(fingerprint text, began time, severity text DEFAULT 'high') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.name(nightbell.raise_event('job_failed', severity, 'the job failed', tenant => current_setting('nightbell.acme')::uuid,
        fingerprint => fingerprint, source => 'prometheus', episode_at => '2026-03-01 UTC'::timestamptz + began))
$$;
CREATE FUNCTION pg_temp.settle(fingerprint text, began time, note text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', s.outcome, pg_temp.name(s.id))
    FROM nightbell.settle_event('prometheus', fingerprint, '2026-03-01 UTC'::timestamptz + began, note, current_setting('nightbell.acme')::uuid) AS s
$$;
CREATE FUNCTION pg_temp.state(fingerprint text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', pg_temp.name(e.id), CASE WHEN e.is_resolved THEN 'resolved' ELSE 'open' END,
        to_char(e.episode_at AT TIME ZONE 'UTC', 'HH24:MI'), e.occurrences), ', ' ORDER BY e.id)
    FROM nightbell.admin_system_events e WHERE e.source = 'prometheus' AND e.fingerprint = state.fingerprint
$$;
SELECT pg_temp.at('2026-03-01 12:00 UTC') IS NULL AS quiet \gset

-- in order
SELECT is(pg_temp.fire('a', '10:00'), '1', 'a firing is an event');
SELECT is(pg_temp.fire('a', '10:00'), '1', 'the same again is the same event');
SELECT is(pg_temp.state('a'), '1 open 10:00 2', 'that happened twice');
SELECT is(pg_temp.settle('a', '10:00', 'gone'), 'settled 1', 'its source settles it');
SELECT is(pg_temp.settle('a', '10:00'), 'already 1', 'twice is once');
SELECT results_eq($$SELECT resolution, resolved_by, settled_by, resolved_at FROM nightbell.admin_system_events WHERE fingerprint = 'a'$$,
    $$VALUES ('gone', NULL::uuid, 'source', '2026-03-01 12:00 UTC'::timestamptz)$$, 'by the source, with its note, at the time of the clock');
SELECT is(pg_temp.fire('a', '10:00'), '1', 'a late firing');
SELECT is(pg_temp.fire('a', '09:00'), '1', 'and an earlier one');
SELECT is(pg_temp.state('a'), '1 resolved 10:00 4', 'are counted, and reopen nothing');
SELECT is(pg_temp.fire('a', '11:00'), '2', 'a newer one is another event');
SELECT is(pg_temp.settle('a', '10:00'), 'ignored 2', 'what is older than the open episode settles nothing');
SELECT is(pg_temp.state('a'), '1 resolved 10:00 4, 2 open 11:00 1', 'so it stays open');
SELECT is(pg_temp.fire('a', '11:30'), '2', 'a newer firing of what is open is that event');
SELECT is(pg_temp.settle('a', '11:00'), 'ignored 2', 'whose episode goes on');
SELECT is(pg_temp.settle('a', '11:30'), 'settled 2', 'until that is over');

-- out of order
SELECT is(pg_temp.settle('b', '10:00'), 'orphan', 'settled before anybody raised it: an orphan');
SELECT results_eq($$SELECT orphans, orphaned_at, settled_at FROM nightbell.event_episodes WHERE fingerprint = 'b'$$,
    $$VALUES (1::bigint, '2026-03-01 12:00 UTC'::timestamptz, '2026-03-01 10:00 UTC'::timestamptz)$$, 'which is recorded');
SELECT is(pg_temp.settle('b', '10:00'), 'already', 'once');
SELECT is(pg_temp.fire('b', '10:00'), '3', 'its firing comes late');
SELECT is(pg_temp.state('b'), '3 resolved 10:00 1', 'and is resolved as it comes');
SELECT is(pg_temp.fire('b', '10:01'), '4', 'a newer one is open');
SELECT is((SELECT s.outcome FROM nightbell.settle_event('prometheus', 'b', tenant => :'ACME') AS s), 'settled', 'without a time, whatever is open is settled');
SELECT is((SELECT s.outcome FROM nightbell.settle_event('prometheus', 'b', tenant => :'ACME') AS s), 'already', 'once');
SELECT is(pg_temp.fire('b', '10:01'), '4', 'and its own firing does not open it again');
SELECT is(pg_temp.state('b'), '3 resolved 10:00 1, 4 resolved 10:01 2', 'it is over');

-- whose alarm it is
SELECT isnt(pg_temp.fire('c', '10:00'), pg_temp.name(nightbell.raise_event('job_failed', 'low', 'd', tenant => :'ACME', fingerprint => 'c', source => 'other', episode_at => '2026-03-01 10:00 UTC')),
    'another source''s fingerprint is another alarm');
SELECT is(pg_temp.name(nightbell.raise_event('another_type', 'low', 'd', tenant => :'ACME', fingerprint => 'c', source => 'prometheus', episode_at => '2026-03-01 10:00 UTC')),
    pg_temp.fire('c', '10:00'), 'whatever its type');
SELECT isnt(pg_temp.name(nightbell.raise_event('job_failed', 'low', 'd', tenant => :'ACME', fingerprint => 'c', source => 'prometheus')), pg_temp.fire('c', '10:00'),
    'what is raised without an episode goes by type and fingerprint, as ever');
SELECT isnt(pg_temp.name(nightbell.raise_event('job_failed', 'low', 'd', fingerprint => 'c', source => 'prometheus', episode_at => '2026-03-01 10:00 UTC')), pg_temp.fire('c', '10:00'),
    'the installation''s own is another');
SELECT is((SELECT s.outcome FROM nightbell.settle_event('prometheus', 'c') AS s), 'settled', 'and is settled by itself');
SELECT is(pg_temp.settle('c', '11:00'), 'settled 5', 'settling means the source''s own');
SELECT is((SELECT count(*) FROM nightbell.admin_system_events WHERE fingerprint = 'c' AND NOT is_resolved), 2::bigint, 'not the other source''s, nor what was raised later, without an episode');

-- operators
CREATE FUNCTION pg_temp.act(what text, event int, until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN a.changed THEN 'done' ELSE coalesce(a.reason || coalesce(to_char(a.reason_time AT TIME ZONE 'UTC', ' YYYY-MM-DD HH24:MI "UTC"'), ''), 'so already') END
    FROM nightbell.event_act(what, ARRAY[(SELECT id FROM pg_temp.seen WHERE n = event)], until => act.until) AS a
$$;
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.act('resolve', 2), 'resolved by its source prometheus at 2026-03-01 12:00 UTC', 'an operator is told that its source was first');
SELECT is((SELECT resolved_by_name FROM nightbell.events WHERE id = (SELECT id FROM seen WHERE n = 2)), 'prometheus', 'it shows');
SELECT is((SELECT string_agg(concat_ws(' ', actor_name, action, note), ', ' ORDER BY id) FROM nightbell.event_history WHERE event_id = (SELECT id FROM seen WHERE n = 1)),
    'prometheus settle gone', 'it is history');
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT pg_temp.fire('d', '10:00') AS d \gset
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.act('resolve', :d), 'done', 'an operator resolves one before its source does');
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT is(pg_temp.fire('d', '10:00'), :'d', 'its source goes on firing it');
SELECT is(split_part(pg_temp.state('d'), ' ', 2), 'resolved', 'which opens nothing');
SELECT is(pg_temp.settle('d', '10:00'), 'already ' || :'d', 'and settles it: the operator was first');
SELECT is((SELECT resolved_by FROM nightbell.admin_system_events WHERE fingerprint = 'd'), :'BOB', 'who stays');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.act('reopen', :d), 'done', 'the operator reopens it');
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT is(pg_temp.settle('d', '10:00'), 'settled ' || :'d', 'then its source may settle it');

-- reopening within a time
INSERT INTO nightbell.event_types (tenant_id, event_type, reopen_within) VALUES (:'ACME', 'job_*', '10 minutes'), (:'ACME', '*', '1 day');
SELECT pg_temp.fire('e', '10:00') AS e \gset
SELECT pg_temp.settle('e', '10:00') AS quiet \gset
SELECT pg_temp.at('2026-03-01 12:09 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.fire('e', '10:30', 'critical'), :'e', 'a newer firing within the type''s time reopens the event');
SELECT results_eq(format($$SELECT is_resolved, settled_by, severity::text, noticed_at, episode_at FROM nightbell.admin_system_events WHERE id = %s$$, (SELECT id FROM seen WHERE n = :e)),
    $$VALUES (false, NULL, 'critical', '2026-03-01 12:09 UTC'::timestamptz, '2026-03-01 10:30 UTC'::timestamptz)$$, 'as bad as it is now, and people are told');
SELECT is((SELECT string_agg(concat_ws(' ', actor_name, action, note), ', ' ORDER BY id) FROM nightbell.event_actions WHERE event_id = (SELECT id FROM seen WHERE n = :e)),
    'prometheus settle, raise_again high → critical, prometheus return', 'which is history');
SELECT pg_temp.settle('e', '10:30') AS quiet \gset
SELECT pg_temp.at('2026-03-01 12:30 UTC') IS NULL AS quiet \gset
SELECT isnt(pg_temp.fire('e', '12:20'), :'e', 'later it is another one');
SELECT pg_temp.name(nightbell.raise_event('job_failed', 'low', 'd', tenant => :'ACME', fingerprint => 'f')) AS f \gset
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT pg_temp.act('resolve', :f) AS quiet \gset
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT pg_temp.at(now() + interval '9 minutes') IS NULL AS quiet \gset
SELECT is(pg_temp.name(nightbell.raise_event('job_failed', 'low', 'd', tenant => :'ACME', fingerprint => 'f')), :'f', 'without an episode the time counts as well');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT pg_temp.act('resolve', :f) AS quiet \gset
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT pg_temp.at(now() + interval '21 minutes') IS NULL AS quiet \gset
SELECT isnt(pg_temp.name(nightbell.raise_event('job_failed', 'low', 'd', tenant => :'ACME', fingerprint => 'f')), :'f', 'but no longer');

-- what is refused
SELECT throws_like($$SELECT nightbell.raise_event('x', 'low', 'd', episode_at => now())$$, 'an episode is named, but not its source and fingerprint', 'an episode is of a source');
SELECT throws_like($$SELECT nightbell.raise_event('x', 'low', 'd', fingerprint => 'f', source => 's', episode_at => 'infinity')$$, 'the episode does not begin%', 'not at the end of time');
SELECT throws_like($$SELECT nightbell.settle_event('s', 'f', now() + interval '2 days')$$, 'the episode does not begin%', 'nor after tomorrow');
SELECT throws_like($$SELECT nightbell.settle_event('', 'f')$$, 'the source must have%', 'a settlement names its source');
SELECT throws_like($$SELECT nightbell.settle_event('s', NULL)$$, 'the fingerprint must have%', 'and the fingerprint');
SELECT results_eq(format($$SELECT ordinal, regexp_replace(id, '\d+', 'N'), sqlstate, message FROM nightbell.produce_many('settle', ARRAY[
    '{"source": "prometheus", "fingerprint": "e", "episode_at": "2026-03-01T12:20:00Z", "tenant": "%1$s"}', '{"source": "s", "fingerprint": "x"}',
    '{"source": "s", "fingerprint": "x", "episode_at": "noon"}', '{"source": "s", "severity": "low"}', '{"source": "s", "fingerprint": "x", "tenant": "00000000-0000-4000-8000-00000000ffff"}']::jsonb[])$$, :'ACME'),
    $$VALUES (1, 'settled N', NULL, NULL), (2, 'orphan', NULL, NULL), (3, NULL, '22023', 'episode_at must be a time like 2026-11-01T14:30:00Z'),
      (4, NULL, '22023', 'unknown member "severity": members are source, fingerprint, episode_at, note, tenant'),
      (5, NULL, 'P0002', 'there is no tenant 00000000-0000-4000-8000-00000000ffff')$$, 'a stream of settlements, with an outcome each');
SET SESSION AUTHORIZATION nightbell_producing;
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT throws_ok(format($$SELECT nightbell.settle_event('prometheus', 'c', tenant => %L)$$, :'ACME'), '42501', NULL, 'nobody settles what is another tenant''s');
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT pg_temp.at('2000-01-01') IS NULL AS quiet \gset
SELECT nightbell.raise_event('clock', 'low', 'd', fingerprint => 'clock', source => 's', episode_at => now()) IS NULL AS quiet \gset
RESET SESSION AUTHORIZATION;
SELECT ok((SELECT created_at > '2020-01-01' FROM nightbell.admin_system_events WHERE event_type = 'clock'), 'a producer moves no clock');

-- Any permutation with any message doubled ends as the ordered sequence does: in what is open, with which episode, and up
-- to where it is settled.
DELETE FROM nightbell.event_types;
SELECT pg_temp.at('2026-03-01 12:00 UTC') IS NULL AS quiet \gset
CREATE FUNCTION pg_temp.play(fingerprint text, messages text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
BEGIN
    FOREACH message IN ARRAY messages LOOP
        IF starts_with(message, 'fire') THEN
            PERFORM pg_temp.fire(fingerprint, split_part(message, ' ', 2)::time);
        ELSE
            PERFORM pg_temp.settle(fingerprint, split_part(message, ' ', 2)::time);
        END IF;
    END LOOP;
    RETURN (SELECT concat_ws(' ', count(*) FILTER (WHERE NOT e.is_resolved), max(e.episode_at) FILTER (WHERE NOT e.is_resolved))
            FROM nightbell.admin_system_events e WHERE e.fingerprint = play.fingerprint)
        || (SELECT coalesce(k.settled_at::text, '') FROM nightbell.event_episodes k WHERE k.fingerprint = play.fingerprint);
END
$$;
CREATE FUNCTION pg_temp.differences(rounds int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    ordered text[];
    mixed text[];
    expected text;
    got text;
BEGIN
    PERFORM setseed(0.25);
    FOR round IN 1 .. rounds LOOP
        -- episodes that begin one after the other, each fired up to three times and mostly settled
        SELECT array_agg(m.what || ' ' || lpad(m.n::text, 2, '0') || ':00' ORDER BY m.n, m.what) INTO ordered
        FROM (SELECT n, 'fire' AS what FROM generate_series(1, 1 + (random() * 3)::int) AS n, generate_series(1, 1 + (random() * 2)::int)
              UNION ALL SELECT n, 'settle' FROM generate_series(1, 4) AS n WHERE random() < 0.6 AND n <= 4) AS m;
        ordered := ARRAY(SELECT m FROM unnest(ordered) AS m WHERE starts_with(m, 'fire')
            OR m <= (SELECT replace(max(f), 'fire', 'settle') FROM unnest(ordered) AS f WHERE starts_with(f, 'fire')));
        mixed := ARRAY(SELECT m FROM unnest(ordered || ordered[1 + (random() * cardinality(ordered))::int:]) AS m ORDER BY random());
        expected := pg_temp.play('ordered ' || round, ordered);
        got := pg_temp.play('mixed ' || round, mixed);
        IF got <> expected THEN
            RETURN NEXT format('%s: %s; but %s: %s', ordered, expected, mixed, got);
        END IF;
        -- and once more, all of it
        got := pg_temp.play('mixed ' || round, ordered);
        IF got <> expected THEN
            RETURN NEXT format('%s: %s; but %s after %s: %s', ordered, expected, ordered, mixed, got);
        END IF;
    END LOOP;
END
$$;
SELECT is_empty('SELECT * FROM pg_temp.differences(300)', 'the order of messages does not matter, nor how often each comes');
SELECT ok((SELECT count(*) FILTER (WHERE NOT is_resolved) BETWEEN 30 AND 270 AND count(*) > 300 FROM nightbell.admin_system_events WHERE fingerprint LIKE 'ordered %'),
    'with some that end open and some that do not');
SELECT * FROM finish();
ROLLBACK;
