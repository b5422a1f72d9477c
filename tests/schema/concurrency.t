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

# Ten a minute get through, however many are sent at once; repetitions and critical ones do not count.
heard() { psql_do "SELECT count(*) FILTER (WHERE NOT silent), count(*) FROM nightbell.notifications WHERE $1"; }
send() { echo "SELECT nightbell.notify('$ACME', '$1', 'TEST_NOTE', $2, 'm', urgency => '${3:-normal}')"; }
at_once nightbell_producing "$(send "$CAROL" "'different ' || @")" >"$test_dir/ids"
is "$(sort -u "$test_dir/ids" | grep -c .)" 32 "32 clients send different things to one user at once: each is stored"
is "$(heard "user_id = '$CAROL'")" "10|32" "ten are heard"
psql_do "DELETE FROM nightbell.notifications WHERE user_id = '$CAROL'"
at_once nightbell_producing "SELECT CASE WHEN @ % 2 = 0 THEN ($(send "$CAROL" "'loud ' || @" critical)) WHEN @ % 4 = 1 THEN ($(send "$CAROL" "'the same'"))
    ELSE ($(send "$CAROL" "'quiet ' || @")) END" >/dev/null
is "$(heard "user_id = '$CAROL' AND title LIKE 'loud%'")" "16|16" "critical ones pass"
is "$(heard "user_id = '$CAROL' AND urgency <> 'critical'")" "9|9" "and neither they nor the eight that are the same took a place"
psql_do "DELETE FROM nightbell.notifications WHERE user_id = '$CAROL'"
batch="SELECT count(*) FROM nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', '$ACME', 'user', u, 'type', 'TEST_NOTE',
    'title', '@ ' || n, 'message', 'm') FROM generate_series(1, 3) n, unnest('{$CAROL,$OLGA}'::uuid[]) u ORDER BY random()))"
at_once nightbell_producing "$batch" | grep -v '^6$'
is "$(heard "user_id = '$CAROL'")" "10|96" "32 batches of three for each of two users: ten of the one's are heard"
is "$(heard "user_id = '$OLGA'")" "10|96" "and ten of the other's"

# Two producers notify the same people in opposite order, each in a transaction that stays open: neither waits, and no deadlock.
psql_do "DELETE FROM nightbell.notifications"
for order in "$ADA $BOB" "$BOB $ADA"; do
    read -r first second <<<"$order"
    mkfifo "$test_dir/$first"
    "$pg_bin/psql" -XqAt -U nightbell_producing <"$test_dir/$first" >"$test_dir/order.$first" 2>&1 &
done
exec 6>"$test_dir/$ADA" 7>"$test_dir/$BOB"
echo "BEGIN; $(send "$ADA" "'one of A'");" >&6
echo "BEGIN; $(send "$BOB" "'one of B'");" >&7
echo "$(send "$BOB" "'two of A'"); COMMIT;" >&6
echo "$(send "$ADA" "'two of B'"); COMMIT;" >&7
exec 6>&- 7>&-
wait
is "$(cat "$test_dir/order.$ADA" "$test_dir/order.$BOB" | grep -c -- -7)" 4 "A then B and B then A: all four are in"

# A producer that rolls back leaves neither a dedup window nor a place in the limit behind; those that wait for it go on.
mkfifo "$test_dir/undecided"
"$pg_bin/psql" -XqAt -U nightbell_producing <"$test_dir/undecided" >/dev/null &
exec 6>"$test_dir/undecided"
echo "BEGIN; $(send "$ADA" "'given up'");" >&6
wait_for 10 test_count 1 "locktype = 'transactionid' AND granted"
psql_as nightbell_producing "$(send "$ADA" "'given up'")" >"$test_dir/second" &
second=$!
wait_for 10 test_count 1 "locktype = 'transactionid' AND NOT granted"
echo "ROLLBACK;" >&6
exec 6>&-
wait $second
wait
is "$(psql_do "SELECT id FROM nightbell.notifications WHERE title = 'given up'")" "$(cat "$test_dir/second")" "the first is rolled back: the second, which waited, goes in"

# A transaction for very many people leaves the server's lock table to the others.
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) SELECT '$ACME', ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'reader ' || n
    FROM generate_series(1, 10000) n"
many="SELECT count(nightbell.notify('$ACME', ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'TEST_NOTE', 't', 'm'))
    FROM generate_series(1, 10000) n"
is "$(psql_as nightbell_producing "BEGIN; $many; SELECT count(*) < 200 FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'; COMMIT" | paste -sd' ')" \
    "10000 t" "ten thousand people in one transaction: a bounded number of locks"
is "$(heard "title = 't'")" "10000|10000" "each heard theirs"

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

# A worker records what it sent, in whatever order it was answered, while an operator's transaction has the first of the deliveries: it waits for
# that one with no other in hand, or the two would wait for each other.
psql_do "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, next_attempt_at)
    SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, '$ACME', '$ADA', 'TEST_NOTE', 'email', 'b', now() FROM generate_series(1, 3) n"
psql_do "SELECT count(*) FROM nightbell.delivery_claim('$OLGA', '1 hour', '{email}', '{1}', '{9}', '{-infinity}', '{9}', '{}', '{}', '{}')" >"$test_dir/claimed"
is "$(cat "$test_dir/claimed")" 3 "a worker has three deliveries in hand"
mkfifo "$test_dir/operator"
"$pg_bin/psql" -XqAt <"$test_dir/operator" >"$test_dir/operated" 2>&1 &
exec 8>"$test_dir/operator"
queued() { echo "SELECT right(delivery_id::text, 1) FROM nightbell.delivery_queue WHERE delivery_id = '00000000-0000-7000-8000-00000000000$1' FOR NO KEY UPDATE ${2-};"; }
echo "BEGIN; $(queued 1)" >&8
wait_for 10 test_count 1 "locktype = 'transactionid' AND granted"
psql_do "SELECT cardinality(nightbell.delivery_sent('$OLGA', array_agg('$ACME'::uuid), array_agg('$ADA'::uuid), array_agg(('00000000-0000-7000-8000-00000000000' || n)::uuid),
    '{1,1,1}', '{1,1,1}', '{250,250,250}', '{1,1,1}', '{a,b,c}', '{NULL,NULL,NULL}',
    '{email,email,email}', '{email,email,email}', '{smtp,smtp,smtp}', '{a,b,c}')) FROM unnest('{3,1,2}'::int[]) n" \
    >"$test_dir/recorded" 2>&1 &
wait_for 10 test_count 1 "locktype = 'transactionid' AND NOT granted"
echo "$(queued 2 NOWAIT) $(queued 3 NOWAIT) COMMIT;" >&8
exec 8>&-
wait
is "$(paste -sd' ' "$test_dir/operated")" "1 2 3" "who has the first gets the others, too"
is "$(cat "$test_dir/recorded")" 0 "then all three are recorded"

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
