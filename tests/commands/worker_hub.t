#!/bin/bash
# `nightbell worker --hub`: where the database leaves ringing to hubs, the hub in the worker rings for what is published, which wakes
# the worker, and for what the worker writes, which wakes the reader.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker;
    INSERT INTO nightbell.notification_types (type, module, description) VALUES ('ENGINE_NOTE', 'm', 'A note')"
psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"ada\", \"event_type\": \"*\", \"recipient_type\": \"user\", \"recipient_value\": \"ada\", \"notification_type\": \"ENGINE_NOTE\"}'])" >/dev/null
running=()
end_all() { kill -9 "${running[@]}" 2>/dev/null; }
at_exit end_all
begin() { # LOG command…: in the background; sets $started
    local log=$1
    shift
    "$@" >"$test_dir/$log.out" 2>"$test_dir/$log" &
    started=$!
    running+=("$started")
}
work() { exec "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker "$@"; }
run "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=postgres" --quiet db init --ring deferred
is_status 0 'the database leaves ringing to hubs'

begin log work --hub --concurrency 2
worker=$started
all_ready() { [ "$(grep -c 'worker ready' "$test_dir/log")" = 2 ] && grep -q 'hub ready' "$test_dir/log"; }
wait_for 20 all_ready || bail_out "not ready: $(cat "$test_dir/log")"
is "$(grep -c 'hub ready' "$test_dir/log")" 1 'one hub for all of its workers'
rings() { "$nightbell" --dsn "$cluster_admin_dsn" db status | grep -q 'ring *deferred: a hub rings'; }
ok 'which rings' wait_for 20 rings

# a reader who LISTENs: psql says what arrived when it has run the next statement
mkfifo "$test_dir/reader"
PGUSER=nightbell_console PGOPTIONS="-c nightbell.token=$(make_token ada)" "$pg_bin/psql" -Xq <"$test_dir/reader" >"$test_dir/heard" 2>&1 &
exec 7>"$test_dir/reader"
echo "SELECT channel FROM nightbell.my_channels() WHERE kind = 'notification' \\gset
    LISTEN :channel; SELECT 'listening';" >&7
wait_for 20 grep -q listening "$test_dir/heard" || bail_out "nobody listens: $(cat "$test_dir/heard")"
began=$(now_ms)
psql_do "SELECT nightbell.publish('$ACME', 'anything', 'm', '{\"title\": \"for ada\"}')" >/dev/null
heard() { echo 'SELECT 1;' >&7; grep -q 'Asynchronous notification.*"kind":"notification"' "$test_dir/heard"; }
wait_for 20 heard
is $? 0 'what is published reaches its reader by bells alone' || diag "$(cat "$test_dir/log")"
took=$(($(now_ms) - began))
ok 'long before anything else would wake a worker' [ $took -lt 10000 ] || diag "$took ms"
is "$(psql_do "SELECT title FROM nightbell.notifications WHERE user_id = '$ADA' AND type = 'ENGINE_NOTE'")" 'for ada' 'and is there'
exec 7>&-

# a hub that is there stays
begin other work --hub --name other
other=$started
wait_for 20 grep -q 'worker ready' "$test_dir/other"
is $? 0 'another worker with --hub works'
like "$(cat "$test_dir/other")" 'hub elsewhere=' 'and leaves the hub to the first'
kill -TERM $other
wait $other
is $? 0 'it ends'
begin watch env NIGHTBELL_TOKEN_FILE="$(token_file ada)" NIGHTBELL_DSN="$cluster_dsn" "$nightbell" watch inbox
listens() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell' AND query ~* 'LISTEN' AND usename = 'nightbell_console'")" = 0 ]; }
seen() { psql_do "SELECT nightbell.publish('$ACME', 'more', 'm', jsonb_build_object('title', 'seen ' || clock_timestamp()))" >/dev/null; grep -q 'seen ' "$test_dir/watch.out"; }
ok "a reader at the worker's hub sees what comes" wait_for 20 seen
ok 'and listens to nothing by itself' listens
kill -TERM $worker
wait $worker
is $? 0 'SIGTERM ends workers and hub'
is "$(find "$cluster_dir" -name 'hub-*' -type s)" '' 'whose socket is gone'

run "$nightbell" worker --hub --once
is_status 2 'once serves nobody'
done_testing
