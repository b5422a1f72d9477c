#!/bin/bash
# Transactions that stay open: nobody else waits long for the locks that they hold.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/talk.sh"
cluster_start
is_over() { ! kill -0 "$1"; }
within() { # SECONDS NAME COMMAND…: its answer is in $test_dir/answer
    local seconds=$1 name=$2 running
    shift 2
    "$@" >"$test_dir/answer" 2>&1 &
    running=$!
    ok "$name" wait_for "$seconds" is_over $running
    kill $running 2>/dev/null
    wait $running
}
raise_one() { as_app -v "fingerprint=$1" <<<"SELECT nightbell.raise_event('disk', 'high', '/var is full', fingerprint => :'fingerprint')"; }

# ---- an operator writes a note in a transaction, and leaves it open ----
event=$(raise_one var)
talk_open operator nightbell_console "$(make_token bob)"
talk operator "BEGIN; SELECT count(*) FROM nightbell.event_act('note', '{$event}', 'looking into it')" >"$test_dir/quiet"
within 15 'whoever raises the event again waits for a bounded time' raise_one var
like "$(cat "$test_dir/answer")" 'held by a transaction that is open; waited for 2 s' 'and is told what for'
raise_one other >"$test_dir/answer"
like "$(cat "$test_dir/answer")" '^[0-9]+$' 'another event is raised meanwhile'
many() {
    as_app <<<"SELECT ordinal, id IS NOT NULL, sqlstate FROM nightbell.produce_many('raise', ARRAY(
        SELECT jsonb_build_object('event_type', 'disk', 'severity', 'high', 'description', 'full', 'fingerprint', CASE WHEN n = 15 THEN 'other' ELSE 'var' END)
        FROM generate_series(1, 30) AS n))"
}
within 15 'nor does a batch wait as long again for each of its items' many
is "$(grep -c '|f|55P03$' "$test_dir/answer") $(grep -c '|t|$' "$test_dir/answer")" '29 1' 'of which the others are stored'
is "$(as_app <<<"BEGIN; SET LOCAL lock_timeout = '7s'; SELECT nightbell.raise_event('disk', 'high', 'd', fingerprint => 'third') > 0; SHOW lock_timeout; COMMIT")" "t
7s" 'how long a session waits for locks otherwise stays as it was'
# over the command line
printf '{"event_type":"disk","severity":"high","description":"d","fingerprint":"%s"}\n' other var other >"$test_dir/stream"
run person app "$nightbell" raise --file "$test_dir/stream" --json
is "$(jq -r 'select(.line) | [.line, .id != null] | @csv' <<<"$out" | sort | tr '\n' ' ')" '1,true 2,false 3,true ' 'a stream goes on, and names the line'
talk operator COMMIT
talk_close operator
is "$(raise_one var)" "$event" 'when the note is written the event counts on'

# ---- a reader has an expired row in a transaction ----
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, expires_at)
    SELECT nightbell.uuidv7(), '$ACME', '$ADA', 'TEST_NOTE', 'expired ' || n, 'm', now() - interval '1 hour' FROM generate_series(1, 5) AS n"
held=$(psql_do "SELECT id FROM nightbell.notifications WHERE title = 'expired 3'")
expired() { psql_do "SELECT string_agg(title, ',') FROM nightbell.notifications WHERE title LIKE 'expired%'"; }
talk_open reader nightbell_console "$(make_token ada)"
is "$(talk reader "BEGIN; SELECT count(*) FROM nightbell.inbox_set_state('read', '{$held}', '{now}')")" 1 'a reader marks an expired row, and leaves the transaction open'
talk reader "SELECT nightbell.remember_token('$(make_token ada 1)')" >"$test_dir/quiet"
run env NIGHTBELL_DSN="$cluster_admin_dsn" timeout 30 "$nightbell" db purge
is_status 0 'the purge does not wait for it'
is "$(expired)" 'expired 3' 'and takes the others away'
mkdir "$test_dir/archive"
run env NIGHTBELL_DSN="$cluster_admin_dsn" timeout 30 "$nightbell" db purge --archive "$test_dir/archive"
is_status 0 'nor does one that archives'
talk reader COMMIT
talk_close reader
run env NIGHTBELL_DSN="$cluster_admin_dsn" timeout 30 "$nightbell" db purge
is "$(expired)" '' 'the next one takes the rest'

# ---- a session fills the server's lock table: nothing helps until it ends, but others are told the cause ----
talk_open holder nightbell_console
like "$(talk holder "SELECT count(pg_advisory_lock(n)) FROM generate_series(1, 1000000) AS n")" 'out of shared memory' 'the table of locks is full'
for command in 'inbox' 'inbox count' "notify --user $ADA --type TEST_NOTE --title a --message b"; do
    run person app "$nightbell" $command
    like "$status $err" '^1 nightbell: out of shared memory' "nightbell ${command%% *} says so"
    like "$err" 'pg_locks' 'and what to do'
    unlike "$err" 'is the server running' 'not something else'
done
talk_close holder
run person ada "$nightbell" inbox count
is_status 0 'when the session has ended all is well'
done_testing
