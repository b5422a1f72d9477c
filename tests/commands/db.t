#!/bin/bash
# The schema's commands: init again and again, status that finds what is wrong, purge by retention, partitions.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"

cluster_start
export NIGHTBELL_DSN=$cluster_admin_dsn
unset PGHOST PGDATABASE PGUSER
psql_do() { psql -XqAt -v ON_ERROR_STOP=1 "$NIGHTBELL_DSN" -c "$1"; }

run "$nightbell" db status
is_status 0 "a fresh schema is as it should be"
like "$out" 'current' "and current"
run "$nightbell" db init
is_status 0 "init again"
run "$nightbell" db status --json
is "$(jq -c '[.installed == .embedded, .tables_without_forced_row_security, .functions_without_pinned_path, .columns_with_statistics,
    .grants_to_public]' <<<"$out")" '[true,[],[],[],[]]' "nothing is open"

psql_do 'GRANT SELECT ON nightbell.notifications TO PUBLIC'
psql_do 'ALTER TABLE nightbell.users NO FORCE ROW LEVEL SECURITY'
psql_do 'ALTER FUNCTION nightbell.claims() RESET search_path'
psql_do 'ALTER TABLE nightbell.users ALTER COLUMN name SET STATISTICS -1'
run "$nightbell" db status
is_status 1 "what was opened is found"
like "$out" 'nightbell.users|users' "the table without forced row security"
like "$out" 'claims' "the function without a pinned path"
like "$out" 'columns with statistics:
  (nightbell\.)?users\.name' "the column whose statistics would tell"
like "$out" 'grants to PUBLIC' "the grant to PUBLIC"
psql_do 'ANALYZE nightbell.users'
is "$(psql_do "SELECT attname FROM pg_stats WHERE schemaname = 'nightbell' AND tablename = 'users' AND attname = 'name'")" name "which ANALYZE makes"
run "$nightbell" db init
run "$nightbell" db status
is_status 0 "init closes it again"
is "$(psql_do "SELECT attname FROM pg_stats WHERE schemaname = 'nightbell' AND tablename = 'users' AND attname = 'name'")" '' \
    "and takes away what was collected"

psql_do "INSERT INTO nightbell.migrations (version, name, checksum) VALUES (9999, 'of_the_future', 'x')"
run "$nightbell" db status
isnt "$status" 0 "a newer schema is refused"
like "$err" 'newer' "as what it is"
psql_do 'DELETE FROM nightbell.migrations WHERE version = 9999'

run "$nightbell" --dsn "host=$cluster_dir dbname=nowhere user=postgres" db status
is_status 5 "a database that is not there"
run "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_console" db purge
is_status 4 "a client may not purge"

# -- purge

letter() {
    psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, created_at, expires_at)
        SELECT nightbell.uuidv7_at(now() - interval '$1'), '$ACME', '$ADA', 'WALLET_TOP_UP', '$3', 'text', now() - interval '$1', $2
          FROM generate_series(1, ${4:-1})"
}
letter '1 hour' NULL kept
letter '179 days' NULL 'kept too'
letter '181 days' NULL aged 7000
letter '1 hour' "now() - interval '1 minute'" expired
letter '1 hour' "now() + interval '1 hour'" 'not yet'
psql_do "INSERT INTO nightbell.admin_system_events (created_at, last_seen_at, event_type, severity, description, tenant_id)
    VALUES (now() - interval '400 days', now() - interval '400 days', 'old', 'low', 'old', '$ACME'),
           (now() - interval '400 days', now(), 'old', 'low', 'still going on', '$ACME'),
           (now() - interval '400 days', now() - interval '400 days', 'old', 'low', 'old and global', NULL)"
run "$nightbell" db rotate-partitions
is_status 0 "partitions for what the default one caught"
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications_default')" 0 "it is empty"
run "$nightbell" db purge
is_status 0 "purge"
is "$(psql_do "SELECT string_agg(DISTINCT title, ', ' ORDER BY title) FROM nightbell.notifications")" 'kept, kept too, not yet' "what has expired or aged is gone, and nothing else"
is "$(psql_do "SELECT string_agg(description, ', ') FROM nightbell.admin_system_events")" 'still going on' "events likewise"
psql_do "UPDATE nightbell.tenants SET settings = settings || '{\"retention_days_notifications\": 30}' WHERE id = '$ACME'"
run "$nightbell" db purge --json
is "$(jq .notifications <<<"$out")" 1 "a tenant's own retention counts"
run "$nightbell" db rotate-partitions --json
is "$out" '{"made":0,"moved":0,"dropped":0,"waiting":0}' "partitions are there for months"

# -- a deleted user

tell() { psql_do "SELECT nightbell.notify('$ACME', '$CAROL', 'TEST_NOTE', '$1', 'text')" >/dev/null; }
tell 'for carol'
run person carol "$nightbell" inbox count
is "$(tr -dc 0-9 <<<"$out")" 1 "carol has an inbox"
person carol "$nightbell" watch inbox >"$test_dir/watch" 2>"$test_dir/watch.err" &
watching=$!
told=0
heard() { grep -q 'for carol again' "$test_dir/watch"; }
tell_her() { tell "for carol again $((told += 1))" && heard; }
ok "and watches it" wait_for 10 tell_her
psql_do "UPDATE nightbell.users SET deleted_at = now() WHERE id = '$CAROL'"
run person carol "$nightbell" inbox list
is_status 4 "deleted, she is not allowed any more"
like "$err" 'user does not exist' "and told why"
run person carol "$nightbell" events list
is_status 4 "an operator no more either"
run person app "$nightbell" notify --user "$CAROL" --type TEST_NOTE --title t --message m
is_status 3 "nobody can notify her"
is "$(psql_do "SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'to all', 'm') IS NOT NULL")" t "the others are told something"
ended() { ! kill -0 $watching 2>/dev/null; }
ok "her watch ends" wait_for 45 ended
wait $watching
is $? 4 "and says that she is not allowed"
not_ok "without having shown it" grep -q 'to all' "$test_dir/watch"
done_testing
