-- What a reader sees and changes: their own rows in one inbox, announcements with receipts, times that are set once.
BEGIN;
SELECT plan(79);
CREATE TEMP TABLE row (name text, id uuid);
CREATE FUNCTION pg_temp.row(wanted text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM pg_temp.row WHERE name = wanted $$;
\ir everybody.psql
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;

INSERT INTO row SELECT 'oldest', nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'oldest', 'm', actor => :'BOB');
INSERT INTO row SELECT 'announced', nightbell.announce(:'ACME', 'TEST_NOTE', 'announced', 'm', actor => :'BOB');
INSERT INTO row SELECT 'newest', nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'newest', 'm', urgency => 'critical');
INSERT INTO row SELECT 'bobs', nightbell.notify(:'ACME', :'BOB', 'TEST_NOTE', 'bobs', 'm');
INSERT INTO row SELECT 'mallorys', nightbell.notify(:'GLOBEX', :'MALLORY', 'TEST_NOTE', 'mallorys', 'm');
INSERT INTO row SELECT 'elsewhere', nightbell.announce(:'GLOBEX', 'TEST_NOTE', 'elsewhere', 'm');
INSERT INTO row SELECT 'olgas', nightbell.notify(:'ACME', :'OLGA', 'TEST_NOTE', 'olgas', 'm');

-- one's own, newest first
SET SESSION AUTHORIZATION nightbell_console;
SELECT is_empty('SELECT * FROM nightbell.inbox', 'nobody sees nothing');
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT results_eq('SELECT title FROM nightbell.inbox ORDER BY id DESC', ARRAY['newest', 'announced', 'oldest'], 'ada sees hers and her tenant''s');
SELECT results_eq('SELECT title, is_announcement, is_read, status, urgency, actor_name FROM nightbell.inbox ORDER BY id',
    $$VALUES ('oldest', false, false, 'unread', 'normal', 'bob'), ('announced', true, false, 'unread', 'normal', 'bob'),
             ('newest', false, false, 'unread', 'critical', NULL)$$, 'with what they are');
SELECT results_eq('SELECT title FROM nightbell.notifications ORDER BY id', ARRAY['oldest', 'newest'], 'the table shows no more than the view');
SELECT results_eq('SELECT title FROM nightbell.announcements', ARRAY['announced'], 'nor the other one');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT results_eq('SELECT title FROM nightbell.inbox ORDER BY id', ARRAY['announced', 'bobs'], 'bob, an operator, sees his own and not hers');
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT results_eq('SELECT title FROM nightbell.inbox ORDER BY id', ARRAY['mallorys', 'elsewhere'], 'another tenant sees its own');
SELECT is_empty($$SELECT name FROM nightbell.users WHERE name = 'ada'$$, 'and not who there is in this one');
SELECT results_eq('SELECT name FROM nightbell.tenants', ARRAY['globex'], 'nor that it exists');
SELECT pg_temp.become(:'token_olga') IS NULL AS quiet \gset
SELECT results_eq('SELECT title FROM nightbell.inbox ORDER BY id', ARRAY['announced', 'olgas'], 'a global operator has the inbox of where she is at home');
SET SESSION AUTHORIZATION ada;
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.inbox), 3::bigint, 'a PostgreSQL login that is ada sees what ada sees');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.inbox), 2::bigint, 'but a token decides');
SELECT pg_temp.become('rubbish') IS NULL AS quiet \gset
SELECT is_empty('SELECT * FROM nightbell.inbox', 'also a bad one');

-- nothing is written directly
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT throws_ok('UPDATE nightbell.notifications SET read_at = now()', '42501', NULL, 'no UPDATE');
SELECT throws_ok('DELETE FROM nightbell.notifications', '42501', NULL, 'no DELETE');
SELECT throws_ok('INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id) SELECT tenant_id, id, actor_id FROM nightbell.announcements', '42501', NULL, 'no INSERT');
SELECT throws_ok('SELECT * FROM nightbell.notifications_default', '42501', NULL, 'and no partition is read past the policies');
SELECT throws_ok('SET row_security = off; SELECT * FROM nightbell.notifications', '42501', NULL, 'which cannot be switched off');
SET row_security = on;

-- reading
SELECT results_eq(format($$SELECT id, previous FROM nightbell.inbox_set_state('read', ARRAY[%L, %L, %L, %L]::uuid[], '{2026-11-21 10:00+00}') ORDER BY id$$,
        pg_temp.row('oldest'), pg_temp.row('announced'), pg_temp.row('bobs'), pg_temp.row('mallorys')),
    format('VALUES (%L::uuid, NULL::timestamptz), (%L, NULL)', pg_temp.row('oldest'), pg_temp.row('announced')),
    'mark read answers with what it changed, and mentions nobody else''s');
SELECT results_eq('SELECT title, status, read_at FROM nightbell.inbox WHERE is_read ORDER BY id',
    $$VALUES ('oldest', 'read', '2026-11-21 10:00+00'::timestamptz), ('announced', 'read', '2026-11-21 10:00+00')$$, 'so they are read');
SELECT is_empty(format($$SELECT * FROM nightbell.inbox_set_state('read', ARRAY[%L, %L]::uuid[], '{2026-11-22 10:00+00}')$$,
        pg_temp.row('oldest'), pg_temp.row('announced')), 'a time that is set is not moved');
SELECT results_eq('SELECT DISTINCT read_at FROM nightbell.inbox WHERE is_read', $$VALUES ('2026-11-21 10:00+00'::timestamptz)$$, 'really not');
SELECT results_eq(format($$SELECT id, previous FROM nightbell.inbox_set_state('read', ARRAY[%L, %L, %L]::uuid[], '{NULL}') ORDER BY id$$,
        pg_temp.row('oldest'), pg_temp.row('announced'), pg_temp.row('newest')),
    format($$VALUES (%L::uuid, '2026-11-21 10:00+00'::timestamptz), (%L, '2026-11-21 10:00+00')$$, pg_temp.row('oldest'), pg_temp.row('announced')),
    'unread gives what was there, which is all an undo needs');
SELECT is((SELECT count(*) FROM nightbell.inbox_set_state('read', ARRAY[pg_temp.row('oldest'), pg_temp.row('announced')],
    ARRAY['2026-11-20 10:00+00', '2026-11-21 10:00+00']::timestamptz[])), 2::bigint, 'a time for each puts back different ones');
SELECT results_eq('SELECT read_at FROM nightbell.inbox WHERE is_read ORDER BY id',
    $$VALUES ('2026-11-20 10:00+00'::timestamptz), ('2026-11-21 10:00+00')$$, 'each its own');
SELECT is((SELECT count(*) FROM nightbell.inbox_set_state('read', ARRAY[pg_temp.row('newest'), pg_temp.row('newest')], ARRAY[now()])), 1::bigint, 'named twice, changed once');

-- archiving, deleting
SELECT is((SELECT count(*) FROM nightbell.inbox_set_state('archived', ARRAY[pg_temp.row('oldest'), pg_temp.row('announced')], ARRAY[now()])), 2::bigint, 'archive');
SELECT results_eq('SELECT status FROM nightbell.inbox ORDER BY id', ARRAY['archived', 'archived', 'read'], 'archived is the state that shows');
SELECT is((SELECT count(*) FROM nightbell.inbox_set_state('deleted', ARRAY[pg_temp.row('oldest'), pg_temp.row('announced')], ARRAY[now()])), 2::bigint, 'delete');
SELECT results_eq('SELECT title FROM nightbell.inbox', ARRAY['newest'], 'deleted is out of sight');
SELECT is((SELECT count(*) FROM nightbell.inbox_with_deleted WHERE deleted_at IS NOT NULL), 2::bigint, 'but for an undo');
SELECT is_empty(format($$SELECT * FROM nightbell.inbox_set_state('read', ARRAY[%L]::uuid[], '{NULL}')$$, pg_temp.row('oldest')), 'what is deleted does not change otherwise');
SELECT is((SELECT count(*) FROM nightbell.inbox_set_state('deleted', ARRAY[pg_temp.row('oldest'), pg_temp.row('announced')], '{NULL}')), 2::bigint, 'undelete');
SELECT is((SELECT count(*) FROM nightbell.inbox), 3::bigint, 'all there again');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT results_eq($$SELECT status FROM nightbell.inbox WHERE title = 'announced'$$, ARRAY['unread'], 'an announcement has each reader''s own state');
SELECT is_empty(format($$SELECT * FROM nightbell.inbox_set_state('deleted', ARRAY[%L, %L, %L]::uuid[], '{2026-11-22 10:00+00}')$$,
        pg_temp.row('oldest'), pg_temp.row('newest'), pg_temp.row('elsewhere')), 'nobody changes another''s');

-- what is over is gone for its readers, by every way to read it, and its text with it
RESET SESSION AUTHORIZATION;
SAVEPOINT over;
SELECT count(*) AS hers FROM nightbell.notifications WHERE user_id = :'ADA' AND title = 'newest' \gset
UPDATE nightbell.notifications SET expires_at = now() - interval '1 s' WHERE title = 'newest';
UPDATE nightbell.announcements SET deleted_at = now() WHERE title = 'announced';
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT is(:hers, 1, 'there is one to expire');
SELECT is_empty($$SELECT 1 FROM nightbell.notifications WHERE title = 'newest' UNION ALL SELECT 1 FROM nightbell.notifications_with_deleted WHERE title = 'newest'
    UNION ALL SELECT 1 FROM nightbell.inbox_with_deleted WHERE title = 'newest' UNION ALL SELECT 1 FROM nightbell.inbox WHERE title = 'newest'$$, 'an expired notification');
SELECT is_empty($$SELECT 1 FROM nightbell.announcements WHERE title = 'announced' UNION ALL SELECT 1 FROM nightbell.announcements_with_deleted WHERE title = 'announced'
    UNION ALL SELECT 1 FROM nightbell.inbox_with_deleted WHERE title = 'announced'$$, 'an announcement that was withdrawn');
RESET SESSION AUTHORIZATION;
UPDATE nightbell.announcements SET deleted_at = NULL, expires_at = now() - interval '1 s' WHERE title = 'announced';
SET SESSION AUTHORIZATION nightbell_console;
SELECT is_empty($$SELECT 1 FROM nightbell.announcements WHERE title = 'announced' UNION ALL SELECT 1 FROM nightbell.inbox_with_deleted WHERE title = 'announced'$$, 'or has expired');
RESET SESSION AUTHORIZATION;
ROLLBACK TO over;
SET SESSION AUTHORIZATION nightbell_console;

-- what is no request
SELECT throws_ok($$SELECT nightbell.inbox_set_state('title', '{}', '{}')$$, '22023', NULL, 'an unknown field');
SELECT throws_ok(format($$SELECT nightbell.inbox_set_state('read', ARRAY[%1$L, %1$L, %1$L]::uuid[], '{NULL,NULL}')$$, :'ADA'), '22023', NULL, 'two times for three');
SELECT throws_ok(format($$SELECT nightbell.inbox_set_state('read', ARRAY[%1$L]::uuid[], '{infinity}')$$, :'ADA'), '22023', NULL, 'no end of time');
SELECT is_empty($$SELECT nightbell.inbox_set_state('read', '{}', '{}')$$, 'none is none');
SELECT pg_temp.become('rubbish') IS NULL AS quiet \gset
SELECT throws_ok(format($$SELECT nightbell.inbox_set_state('read', ARRAY[%1$L]::uuid[], '{NULL}')$$, :'ADA'), '42501', NULL, 'nobody may not');
RESET SESSION AUTHORIZATION;

-- actions
UPDATE nightbell.notifications SET actions = '[{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]' WHERE title IN ('newest', 'bobs');
UPDATE nightbell.announcements SET actions = '[{"id": "seen", "label": "Seen"}]' WHERE title = 'announced';
UPDATE nightbell.notifications SET changed_xid = '3' WHERE title = 'newest';
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT is(nightbell.inbox_take_action(pg_temp.row('newest'), 'yes'), true, 'an action is taken');
SELECT is(nightbell.inbox_take_action(pg_temp.row('newest'), 'yes'), false, 'the same one not twice');
SELECT is(nightbell.inbox_take_action(pg_temp.row('newest'), 'no'), true, 'another one instead');
SELECT is(nightbell.inbox_take_action(pg_temp.row('announced'), 'seen'), true, 'an announcement''s too');
SELECT is(nightbell.inbox_take_action(pg_temp.row('announced'), 'seen'), false, 'and not twice');
SELECT results_eq('SELECT title, action_taken, changed_xid = pg_current_xact_id() FROM nightbell.inbox ORDER BY id',
    $$VALUES ('oldest', NULL, true), ('announced', 'seen', true), ('newest', 'no', true)$$, 'so the inbox tells, and a look sees that it changed');
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, ''maybe'')', pg_temp.row('newest')), '22023',
    'the notification does not offer the action "maybe"', 'what is not offered is refused');
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, NULL)', pg_temp.row('newest')), '22023', NULL, 'nothing too');
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, ''yes'')', pg_temp.row('oldest')), '22023', NULL, 'as is anything where nothing is offered');
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, ''yes'')', pg_temp.row('bobs')), 'P0002', NULL, 'another''s notification does not exist');
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, ''seen'')', pg_temp.row('elsewhere')), 'P0002', NULL, 'nor another tenant''s announcement');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is((SELECT action_taken FROM nightbell.inbox WHERE title = 'announced'), NULL, 'bob has taken nothing');
SELECT count(*) AS quiet FROM nightbell.inbox_set_state('deleted', ARRAY[pg_temp.row('announced')], ARRAY[now()]) \gset
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, ''seen'')', pg_temp.row('announced')), 'P0002', NULL, 'nor can what one has deleted be acted on');
SELECT pg_temp.become('rubbish') IS NULL AS quiet \gset
SELECT throws_ok(format('SELECT nightbell.inbox_take_action(%L, ''yes'')', pg_temp.row('newest')), '42501', NULL, 'nobody may not take one');
RESET SESSION AUTHORIZATION;

-- what expires, what is withdrawn, who is deleted
UPDATE nightbell.notifications SET expires_at = now() WHERE title = 'newest';
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.inbox WHERE title = 'newest'), 0::bigint, 'what has expired is out of sight');
RESET SESSION AUTHORIZATION;
UPDATE nightbell.announcements SET deleted_at = now() WHERE title = 'announced';
SET SESSION AUTHORIZATION nightbell_console;
SELECT is((SELECT count(*) FROM nightbell.inbox WHERE is_announcement), 0::bigint, 'what is withdrawn too');
RESET SESSION AUTHORIZATION;
UPDATE nightbell.users SET deleted_at = now() WHERE name = 'ada';
SET SESSION AUTHORIZATION nightbell_console;
SELECT is_empty('SELECT * FROM nightbell.inbox_with_deleted', 'a deleted user sees nothing at once');
SET SESSION AUTHORIZATION ada;
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT is_empty('SELECT * FROM nightbell.inbox_with_deleted', 'by login neither');
RESET SESSION AUTHORIZATION;

-- written once, for a superuser too
SELECT throws_ok(format('UPDATE nightbell.notifications SET %s WHERE user_id = %L', change, :'BOB'), '23000', NULL, 'written once: ' || change)
FROM unnest(ARRAY['title = ''x''', 'message = ''x''', 'type = ''DIGEST''', 'data = ''{"a": 1}''', 'actor_id = gen_random_uuid()',
    'created_at = created_at - interval ''1 s''', 'user_id = ''' || :'ADA' || '''']) AS change;
SELECT throws_ok($$UPDATE nightbell.announcements SET title = 'x'$$, '23000', NULL, 'an announcement too');
SELECT throws_ok(format('UPDATE nightbell.receipts SET user_id = %L', :'BOB'), '23000', NULL, 'a receipt is nobody else''s');
SELECT throws_ok($$UPDATE nightbell.notifications SET is_read = true$$, '428C9', NULL, 'is_read follows read_at');
SELECT lives_ok($$UPDATE nightbell.notifications SET action_taken = 'ok' WHERE title = 'bobs'$$, 'state may change');
SELECT throws_ok(format($$INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    VALUES (gen_random_uuid(), %L, %L, 'DIGEST', 't', 'm')$$, :'ACME', :'BOB'), '23514', NULL, 'an id that is not in order of time is refused');
SELECT throws_ok(format($$INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    VALUES (nightbell.uuidv7(), %L, %L, 'DIGEST', 't', 'm')$$, :'GLOBEX', :'BOB'), '23503', NULL, 'no reference crosses tenants');
SELECT throws_ok(format($$INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, channel)
    VALUES (nightbell.uuidv7(), %L, %L, 'DIGEST', 't', 'm', 'Fax')$$, :'ACME', :'BOB'), '23514', NULL, 'no name that no channel can have');

-- an import that nobody has analysed yet is made known before an act on many
INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
SELECT nightbell.uuidv7(), :'ACME', :'BOB', 'DIGEST', 'imported', repeat('m', 100) FROM generate_series(1, 3000);
SELECT is((SELECT reltuples FROM pg_class WHERE oid = (SELECT tableoid FROM nightbell.notifications WHERE title = 'imported' LIMIT 1)),
    -1::real, 'an import is not analysed at first');
SELECT nightbell.know_the_inbox();
SELECT cmp_ok((SELECT reltuples FROM pg_class WHERE oid = (SELECT tableoid FROM nightbell.notifications WHERE title = 'imported' LIMIT 1)),
    '>=', 3000::real, 'and known before an act on many');
SELECT * FROM finish();
ROLLBACK;
