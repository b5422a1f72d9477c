#!/bin/bash
# Workers that send, killed with SIGKILL at random moments: nothing is lost, nothing is skipped, and what is sent twice had no answer
# recorded and has the same id.
# WORKER_KILLS: how many (100; `make kills`: 1,000); RANDOM_SEED: of the moments.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
. "$srcdir/tests/engine/sending.sh"
kills=${WORKER_KILLS:-100} seed=${RANDOM_SEED:-$RANDOM}
diag "RANDOM_SEED=$seed WORKER_KILLS=$kills"
RANDOM=$seed
sending_start
few_wait() { [ "$(psql_do 'SELECT count(*) < 40 FROM nightbell.delivery_queue')" = t ]; }
produce() {
    while [ ! -e "$test_dir/enough" ]; do
        deliver 20 email kill && deliver 1 email 75 && deliver 1 email kill critical || return
        wait_for 120 few_wait || return
    done
}
declare -A worker
start_worker() {
    rm -f "$test_dir/log.$1"
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_$1" worker --name "working_$1" --channels "$channels" >/dev/null 2>"$test_dir/log.$1" &
    worker[$1]=$!
}
end_all() {
    touch "$test_dir/enough"
    kill -9 "${worker[@]}" 2>/dev/null
    wait "${worker[@]}" "$producer" 2>/dev/null
}
: >"$channels"
channel email "$(printf 'in_flight = 4\nretries = 1s 1s 1s 1s 1s 1s')"
produce &
producer=$!
at_exit end_all
start_worker 1
start_worker 2
mkfifo "$test_dir/never"
exec {never}<>"$test_dir/never"
unready=0
for ((n = 0; n < kills; n++)); do
    which=$((n % 2 + 1))
    wait_for 60 grep -q 'worker ready' "$test_dir/log.$which" || unready=$((unready + 1))
    read -rt "0.$(printf %03d $((RANDOM % 300)))" -u "$never" # a random moment
    kill -9 "${worker[$which]}"
    wait "${worker[$which]}" 2>/dev/null
    start_worker $which
done
is $unready 0 "$kills workers were at work when they were killed"
touch "$test_dir/enough"
wait $producer
is $? 0 'there was something to send all the time'
# In the end only what fails is left, and its provider's breaker would keep that waiting for up to ten minutes.
none_waits() { [ "$(psql_do "DELETE FROM nightbell.breakers; SELECT count(*) FROM nightbell.deliveries WHERE status NOT IN ('sent', 'failed')")" = 0 ]; }
wait_for 300 none_waits
is $? 0 'the last two send what is left'
kill -TERM "${worker[1]}" "${worker[2]}"
wait "${worker[1]}" "${worker[2]}"
psql_do "CREATE TABLE begun (id uuid, attempt int, subject text)"
"$pg_bin/psql" -XqAt -c "\\copy begun FROM '$test_dir/sent' (DELIMITER ' ')"
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries d WHERE d.subject = 'kill' AND d.status <> 'sent'")" 0 'what can be sent is sent'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries d WHERE NOT EXISTS (SELECT FROM begun b WHERE b.id = d.id)")" 0 'nothing is lost or skipped'
is "$(psql_do "SELECT count(*) FROM begun b WHERE NOT EXISTS (SELECT FROM nightbell.deliveries d WHERE d.id = b.id)")" 0 'nothing is made up'
is "$(psql_do "SELECT count(*) FROM (SELECT a.delivery_id, a.n FROM nightbell.attempts a GROUP BY 1, 2 HAVING count(*) > 1) AS twice")" 0 'no try is recorded twice'
is "$(psql_do "SELECT count(*) FROM nightbell.attempts a WHERE NOT EXISTS (SELECT FROM begun b WHERE b.id = a.delivery_id AND b.attempt = a.n)")" 0 'nor one that never was'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries d WHERE d.attempts <> (SELECT count(*) FROM nightbell.attempts a WHERE a.delivery_id = d.id)")" 0 'every delivery knows its tries'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries d WHERE d.status = 'failed' AND d.attempts <> 7")" 0 'a dead letter has had them all'
is "$(psql_do "SELECT count(*) FROM begun b JOIN nightbell.attempts a ON a.delivery_id = b.id AND a.outcome = 'sent' WHERE b.attempt > a.n")" 0 'nothing is sent again once an answer is recorded'
is "$(psql_do 'SELECT count(*) FROM nightbell.delivery_queue')" 0 'the queue is empty'
repeats=$(psql_do "SELECT count(*) - count(DISTINCT (id, attempt)) FROM begun")
ok "sent again, for want of an answer: $repeats of $(psql_do 'SELECT count(*) FROM begun')" test "$repeats" -le $((kills * 12))
ok 'some were' test "$repeats" -gt 0
done_testing
