#!/bin/bash
# What must hold when many do the same thing at once, each in a connection of its own.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
cluster_start

# 32 sessions wait for a lock that this one holds; when it goes they run the same statement at the same moment.
at_once() {
    local login=$1 statement=$2 gate
    mkfifo "$test_dir/gate"
    "$pg_bin/psql" -XqAt <"$test_dir/gate" >/dev/null &
    gate=$!
    exec 8>"$test_dir/gate"
    echo 'SELECT pg_advisory_lock(7);' >&8
    wait_for 10 test_count 1 "locktype = 'advisory' AND granted"
    for n in $(seq 32); do
        "$pg_bin/psql" -XqAt -U "$login" -c "SELECT pg_advisory_lock_shared(7)" -c "${statement//@/$n}" >"$test_dir/out.$n" 2>&1 &
    done
    wait_for 30 test_count 32 "locktype = 'advisory' AND NOT granted"
    echo 'SELECT pg_advisory_unlock(7);' >&8
    exec 8>&-
    wait
    rm "$test_dir/gate"
    cat "$test_dir"/out.* | grep .
}
test_count() { [ "$(psql_do "SELECT count(*) FROM pg_locks WHERE $2")" = "$1" ]; }

ids=$(at_once nightbell_producing "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'once', 'm')" | sort -u)
is "$(wc -l <<<"$ids")" 1 "32 clients send the same thing at once: all are answered with one id"
is "$(psql_do "SELECT id FROM nightbell.notifications WHERE title = 'once'")" "$ids" "of the one row that there is"

ids=$(at_once nightbell_producing "SELECT count(*) FROM nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', '$ACME', 'user', u,
    'type', 'TEST_NOTE', 'title', 'batch ' || n, 'message', 'm') FROM generate_series(1, 20) n, unnest('{$ADA,$BOB}'::uuid[]) u
    ORDER BY random()))" | sort | uniq -c)
like "$ids" '^ *32 40$' "32 batches of the same forty in any order: no deadlock"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title LIKE 'batch %'")" 40 "forty rows"

ids=$(at_once nightbell_producing "SELECT nightbell.raise_event('job', 'low', 'd', tenant => '$ACME', fingerprint => 'f')" | sort -u)
is "$(wc -l <<<"$ids")" 1 "32 clients raise the same event at once: one id"
is "$(psql_do "SELECT id, occurrences FROM nightbell.admin_system_events WHERE fingerprint = 'f'")" "$ids|32" "that has happened 32 times"

event=$ids
acts=$(at_once nightbell_console "SET nightbell.token = '$(make_token bob)'; SELECT changed, coalesce(reason, '') FROM nightbell.event_act('resolve', '{$event}', 'note @')" | sort | uniq -c | sed 's/^ *//')
is "$acts" "31 f|
1 t|" "one operator's 32 consoles resolve it: once"
psql_do "SELECT nightbell.raise_event('job', 'low', 'd', tenant => '$ACME', fingerprint => 'g')" >"$test_dir/event"
event=$(cat "$test_dir/event")
bob=$(make_token bob) carol=$(make_token carol)
acts=$(at_once nightbell_console "SELECT set_config('nightbell.token', CASE WHEN @ % 2 = 0 THEN '$bob' ELSE '$carol' END, false) = ''; SELECT changed, left(reason, 11) FROM nightbell.event_act('resolve', '{$event}', 'note @')" | grep -v '^f$')
is "$(grep -c '^t' <<<"$acts")" 1 "two operators, 32 consoles: one wins"
is "$(grep -c '^f|resolved by$' <<<"$acts")" 16 "everybody of the other one is told"
is "$(psql_do "SELECT count(*) FROM nightbell.event_actions WHERE event_id = $event")" 1 "one line of history"

reads=$(at_once nightbell_console "SET nightbell.token = '$(make_token ada)'; SELECT count(*) FROM nightbell.inbox_set_state('read', ARRAY(SELECT id FROM nightbell.inbox ORDER BY random()), ARRAY[now()])" | paste -sd+)
is "$((reads))" "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$ADA'")" "32 consoles read all at once: each row is changed once, none deadlocks"

# A transaction that took its id early and commits late: below rows that are there already, found by the snapshot of a look.
mkfifo "$test_dir/late"
"$pg_bin/psql" -XqAt -U nightbell_producing <"$test_dir/late" >/dev/null &
exec 8>"$test_dir/late"
echo "BEGIN; SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'late', 'm');" >&8
wait_for 10 test_count 1 "locktype = 'transactionid' AND granted"
psql_as nightbell_producing "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'early', 'm')" >/dev/null
look=$(psql_person ada 'SELECT pg_current_snapshot()')
since="SELECT title FROM nightbell.inbox WHERE changed_xid >= pg_snapshot_xmin('$look') AND NOT pg_visible_in_snapshot(changed_xid, '$look')"
is "$(psql_person ada "$since")" "" "nothing new since the look"
echo "COMMIT;" >&8
exec 8>&-
wait
is "$(psql_person ada "$since")" "late" "the late one is found"
is "$(psql_person ada "SELECT string_agg(title, ' ' ORDER BY id) FROM nightbell.inbox WHERE title IN ('early', 'late')")" "late early" "although it stands below"
done_testing
