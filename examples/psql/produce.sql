-- Producing from plain psql, inside transactions of one's own:
--
--     psql -v tenant=UUID -v customer=UUID -f produce.sql
--
-- shop.sql makes the table and the login that this works with. :'name' is quoted by psql, so that no text becomes SQL.
\set QUIET on
\pset tuples_only on
\pset format unaligned

-- both, or neither: committed
BEGIN;
INSERT INTO shop.booking VALUES ('psql-1', :'customer', 's-4', 1);
SELECT nightbell.notify(:'tenant', :'customer', 'BOOKING_CREATED', 'Your booking psql-1', 'Tuesday at ten is yours.',
                        '{"bookingId": "psql-1", "sessionId": "s-4"}', dedup_key => 'booked psql-1') AS id \gset
COMMIT;
\echo committed :id

-- rolled back: nobody was notified, nothing is stored
BEGIN;
INSERT INTO shop.booking VALUES ('psql-2', :'customer', 's-4', 1);
SELECT nightbell.notify(:'tenant', :'customer', 'BOOKING_CREATED', 'Your booking psql-2', 'Tuesday at ten is yours.',
                        '{"bookingId": "psql-2", "sessionId": "s-4"}') AS id \gset
ROLLBACK;
\echo rolled back: psql-2

-- the booking must stand even when nobody can be told: a savepoint keeps the one apart from the other. psql says what went
-- wrong in ERROR, SQLSTATE and LAST_ERROR_MESSAGE.
BEGIN;
INSERT INTO shop.booking VALUES ('psql-4', :'customer', 's-4', 1);
SAVEPOINT telling;
SELECT nightbell.notify(:'tenant', :'customer', 'NO_SUCH_TYPE', 'Your booking psql-4', 'Tuesday at ten is yours.') AS id \gset
\if :ERROR
    \echo not notified: :SQLSTATE :LAST_ERROR_MESSAGE
    ROLLBACK TO SAVEPOINT telling;
\endif
COMMIT;

-- again, on a new connection, as when the first one broke before the answer came: the key gives the first id, and nothing
-- more is stored
SELECT nightbell.notify(:'tenant', :'customer', 'BOOKING_CREATED', 'Your booking psql-6', 'Tuesday at ten is yours.',
                        '{"bookingId": "psql-6", "sessionId": "s-4"}', dedup_key => 'told psql-6') AS first \gset
\connect -
SELECT nightbell.notify(:'tenant', :'customer', 'BOOKING_CREATED', 'Your booking psql-6', 'Tuesday at ten is yours.',
                        '{"bookingId": "psql-6", "sessionId": "s-4"}', dedup_key => 'told psql-6') AS second \gset
SELECT 'again 2 ' || count(DISTINCT id) FROM (VALUES (:'first'), (:'second')) AS answers (id);

-- what is refused says why
SELECT nightbell.notify(:'tenant', :'customer', 'BOOKING_CREATED', 'Your booking psql-5', 'At ten.', '{"bookingId": "psql-5"}') AS id \gset
\echo refused: :SQLSTATE :LAST_ERROR_MESSAGE

-- many, from a query: all or nothing
BEGIN;
SELECT count(*) AS stored, count(DISTINCT id) AS different FROM nightbell.notify_many(ARRAY(
    SELECT jsonb_build_object('tenant', :'tenant', 'user', :'customer', 'type', 'SESSION_REMINDER', 'title', 'Tomorrow at ' || hour,
                              'message', 'See you there.', 'dedup_key', 'psql reminder ' || hour,
                              'data', jsonb_build_object('sessionId', 's-' || hour, 'startsAt', format('2026-12-01T%s:00:00Z', hour)))
    FROM generate_series(10, 19) AS hour)) AS id \gset
COMMIT;
\echo batch :stored :different

-- each for itself
SELECT 'item ' || ordinal || ': ' || sqlstate || ' ' || message FROM nightbell.produce_many('notify', ARRAY[
    jsonb_build_object('tenant', :'tenant', 'user', :'customer', 'type', 'SESSION_REMINDER', 'title', 'Tomorrow at 10', 'message', 'See you there.',
                       'dedup_key', 'psql reminder 10', 'data', '{"sessionId": "s-10", "startsAt": "2026-12-01T10:00:00Z"}'::jsonb),
    jsonb_build_object('tenant', :'tenant', 'user', :'customer', 'type', 'SESSION_REMINDER', 'title', '', 'message', 'x')])
WHERE sqlstate IS NOT NULL;

-- the second is the same event once more
SELECT nightbell.raise_event('job_failure', 'high', 'nightly export failed', '{"exit": 1}', tenant => :'tenant',
                             fingerprint => 'psql export', source => 'shop') AS event \gset
SELECT nightbell.raise_event('job_failure', 'high', 'nightly export failed', '{"exit": 137}', tenant => :'tenant',
                             fingerprint => 'psql export', source => 'shop') AS event \gset
\echo event :event
