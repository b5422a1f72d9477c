#!/bin/bash
# The hub under open consoles: killed, started again, frozen consoles under load, deferred ringing, one hub taking over from another.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"
cluster_start

hubs=()
# hub_start NAME [OPTION…]: sets $hub_pid
hub_start() {
    local name=$1
    shift
    "$nightbell" --dsn "$cluster_admin_dsn" hub "$@" 2>"$test_dir/$name.err" &
    hub_pid=$!
    hubs+=("$hub_pid")
    wait_for 20 grep -q 'hub ready' "$test_dir/$name.err" || bail_out "no hub: $(cat "$test_dir/$name.err")"
}
end_hubs() { kill -9 "${hubs[@]}" 2>/dev/null; }
at_exit end_hubs
notify_many() { # FROM TO TITLE
    psql_do "SELECT count(nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', '$3 ' || n, 'm')) FROM generate_series($1, $2) n" >/dev/null
}
psql_do "UPDATE nightbell.tenants SET settings = settings || '{\"rate_limit\": 0}'"

# -- killed and started again
notify_many 1 30 row
hub_start first
console_start -n ada ada 100x30
screen_shows '● live · hub' "the console finds the hub by itself"
is "$(stat -c %a "$cluster_dir"/hub-*[!k])" 666 "whose socket is for everybody"
keys 'j' 'j' 'j'
screen_shows '^▌.*row 27' "on the fourth row"
person ada "$nightbell" watch inbox --json >"$test_dir/watched" 2>/dev/null &
watcher=$!
stop_watcher() { kill $(ps -o pid= --ppid "$watcher") "$watcher" 2>/dev/null; }
at_exit stop_watcher
probe() { notify ada "probe $RANDOM$RANDOM" >/dev/null && wait_for 1 grep -q probe "$test_dir/watched"; }
ok "watch runs too" wait_for 20 probe

# A producer that goes on through all that follows, a row and then a little pause.
psql_do "CREATE PROCEDURE produce(rows int) LANGUAGE plpgsql AS \$\$ BEGIN FOR n IN 1 .. rows LOOP
    PERFORM nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'steady ' || n, 'm'); COMMIT; PERFORM pg_sleep(0.02); END LOOP; END \$\$"
psql_do 'CALL produce(300)' &
producer=$!
kill -9 "$hub_pid"
screen_shows '● live  ' "killed: the console listens for itself"
notify ada "while there is no hub" >/dev/null
ok "and hears" wait_for 10 grep -q 'while there is no hub' "$test_dir/watched"
hub_start again
screen_shows '● live · hub' "started again: the console is back with it"
kill -9 "$hub_pid"
hub_start once_more
wait "$producer"
all_watched() { [ "$(grep -c '"steady ' "$test_dir/watched")" = 300 ]; }
ok "every row arrived, the ones among the moves too" wait_for 10 all_watched
is "$(grep -o 'steady [0-9]*' "$test_dir/watched" | sort | uniq -d)" "" "and none twice"
screen_shows '^▌.*row 27' "the selection has not moved"
screen_shows '● live · hub' "and the hub is found again"
stop_watcher

# -- stopped consoles under load
held() { # what the sessions of consoles hold: transactions, snapshots
    psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell'
             AND (state LIKE 'idle in%' OR backend_xmin IS NOT NULL OR wait_event = 'ClientWrite')"
}
holds() { [ "$(held)" -gt 0 ]; }
holds_nothing() { [ "$(held)" = 0 ]; }
# Dead rows that vacuum cannot remove. A running session (a console's, the hub's) ends its transaction soon; a stopped one does not.
vacuumed() {
    dead=$("$pg_bin/psql" -XqAt -c 'VACUUM (VERBOSE) nightbell.notifications' 2>&1 |
        sed -n 's/.* \([0-9]*\) are dead but not yet removable.*/\1/p' | sort -rn | head -1)
    [ "$dead" = 0 ]
}
not_removable() {
    psql_do "UPDATE nightbell.notifications SET read_at = CASE WHEN read_at IS NULL THEN now() END WHERE user_id = '$ADA' AND title LIKE 'row %'"
    wait_for 10 vacuumed
    echo "$dead"
}
queue() { psql_do 'SELECT pg_notification_queue_usage()'; }
queue_is_empty() { [ "$(queue)" = 0 ]; }
ada_keys=$(psql_person ada "SELECT channel FROM nightbell.my_channels() WHERE kind = 'notification'")
bells() { # N: as many bells of ada's, a hundred in a transaction
    psql_do "DO \$\$ BEGIN FOR i IN 1 .. $1 / 100 LOOP FOR j IN 1 .. 100 LOOP
        PERFORM pg_notify('$ada_keys', '{\"v\":1,\"kind\":\"notification\",\"op\":\"update\",\"n\":' || i * 100 + j || '}'); END LOOP; COMMIT; END LOOP; END \$\$"
}
load=${STOPPED_BELLS:-20000}

screen_signal STOP
bells "$load"
notify_many 1 200 load
ok "stopped (SIGSTOP), attached to the hub: its session holds nothing" wait_for 10 holds_nothing
is "$(not_removable)" 0 "vacuum removes every dead row"
ok "and the notification queue is empty, after $load bells" wait_for 10 queue_is_empty
console_start -n second ada 100x30
screen_shows '● live · hub' "another console of the same person"
notify ada "beside a stopped one" >/dev/null
screen_shows 'beside a stopped one' "is not held up by the stopped one"
console_quit "the second console"
screen_use ada
screen_signal CONT
screen_shows 'load 200|↑ [0-9]+ new' "going on, it catches up"

export NIGHTBELL_HUB=none
screen_start -n jobs 100x30 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" \
    NIGHTBELL_TOKEN_FILE="$(token_file ada)" PS1='prompt> ' bash --norc --noprofile -i
screen_wait '^prompt>'
keys "$nightbell<Enter>"
screen_shows '● live  ' "in a shell, without a hub"
keys '<C-z>'
screen_shows 'Stopped' "suspended (^Z)"
bells "$load"
is "$(held)" 0 "suspended, listening for itself before: its session holds nothing"
is "$(not_removable)" 0 "vacuum removes every dead row"
ok "and the notification queue is empty" wait_for 10 queue_is_empty
notify ada "while suspended" >/dev/null
keys 'fg<Enter>'
screen_shows 'while suspended' "resumed, it catches up"
screen_wait '● live  '
keys q
screen_wait '^prompt>.*$'
keys 'exit<Enter>'
screen_exit >/dev/null

# A raw SIGSTOP gives it no chance to stop listening. Its bells go into the socket's buffer; only when that is full does the
# server's backend wait, with its snapshot. The hub has no such end: see above.
console_start -n alone ada 100x30
screen_wait '● live  '
screen_signal STOP
bells 500
is "$(held) $(not_removable)" "0 0" "stopped without ^Z: 500 bells of its own fit into the socket"
bells "$load"
ok "too many do not: then its session holds a snapshot (what the hub is there to prevent)" wait_for 10 holds
screen_signal CONT
ok "until it goes on" wait_for 10 holds_nothing
is "$(not_removable)" 0 "and vacuum removes every dead row"
console_quit "the console without a hub"
unset NIGHTBELL_HUB
screen_use ada

# -- deferred ringing: through the hub, then another one's, then none
"$nightbell" --dsn "host=$cluster_dir user=postgres dbname=nightbell" db init --ring deferred >/dev/null 2>&1
rings() { [ "$(psql_do 'SELECT nightbell.is_ringing()')" = "${1:-t}" ]; }
ok "a hub that runs begins to ring" wait_for 10 rings
first_hub=$hub_pid
notify ada "rung by the hub" >/dev/null
screen_shows 'rung by the hub|↑ [0-9]+ new' "and its bells arrive"
keys g g
screen_wait 'rung by the hub'
begin=$(now_ms)
notify ada "in time" >/dev/null
screen_shows 'in time' "deferred: on the screen"
ok "within a second" test $(($(now_ms) - begin)) -lt 1000
hub_start standby --socket "$test_dir/standby"
kill -9 "$first_hub"
ok "killed, another hub rings" wait_for 10 rings
screen_shows '● live  ' "the console listens for itself"
notify ada "rung by the other" >/dev/null
screen_shows 'rung by the other' "and hears what the other one rings"
kill "$hub_pid"
wait "$hub_pid"
is "$?" 0 "SIGTERM ends a hub with 0"
ok "and takes its socket away" test ! -e "$test_dir/standby"
SCREEN_SECONDS=30 # first the next ping has to fail, then the next poll has to come
screen_shows 'polling' "with no hub at all the console polls, and says so"
notify ada "found by polling" >/dev/null
screen_shows 'found by polling' "and finds what comes"
like "$("$nightbell" --dsn "$cluster_admin_dsn" db status 2>&1)" 'ring +deferred: but no hub is running' "db status says what is missing"
hub_start last
screen_shows '● live · hub' "a hub comes: live again"
console_quit "the console"
done_testing
