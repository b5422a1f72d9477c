#!/bin/bash
# Workers killed with SIGKILL at random moments, while producers publish: in the end every app event has exactly the
# notifications, deliveries and decisions that the rules say (reference.py). Each is served in chunks of a few recipients, so
# that many die half-way through one.
# WORKER_KILLS: how many (100; `make kills`: 1,000); RANDOM_SEED: of the world and of the moments.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/talk.sh"
. "$srcdir/tests/engine/engine.sh"
kills=${WORKER_KILLS:-100} seed=${RANDOM_SEED:-$RANDOM}
options=(--timeless --people 25 --rules 25)
now=$(date +%s)
diag "RANDOM_SEED=$seed WORKER_KILLS=$kills"
RANDOM=$seed
engine_start
is "$(make_world "$seed" "$now" "${options[@]}")" '' 'a world'
recipients_at_once 7

# Publishes one app event after the other, each in a transaction of its own, and keeps about 60 of them waiting.
reference publish "$seed" 1 $((kills * 40)) "${options[@]}" >"$test_dir/app_events"
few_wait() { [ "$(psql_do 'SELECT count(*) < 60 FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL')" = t ]; }
produce() {
    local from=1
    while [ ! -e "$test_dir/enough" ] && [ $from -le $((kills * 40)) ]; do
        sed -n "$from,$((from + 19))p" "$test_dir/app_events" | "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 >/dev/null || return
        from=$((from + 20))
        echo $((from - 1)) >"$test_dir/published"
        wait_for 60 few_wait || return
    done
}
produce &
producer=$!

declare -A worker
start_worker() { # not through as_worker: $! has to be the worker itself
    rm -f "$test_dir/log.$1"
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_$1" worker --name "working_$1" >/dev/null 2>"$test_dir/log.$1" &
    worker[$1]=$!
}
end_all() {
    touch "$test_dir/enough"
    kill -9 "${worker[@]}" 2>/dev/null
    wait "${worker[@]}" "$producer" 2>/dev/null
}
at_exit end_all
start_worker 1
start_worker 2
talk_open observer postgres
mkfifo "$test_dir/never"
exec {never}<>"$test_dir/never"
fallen=() unready=0
for ((n = 0; n < kills; n++)); do
    which=$((n % 2 + 1))
    wait_for 30 grep -q 'worker ready' "$test_dir/log.$which" || unready=$((unready + 1))
    read -rt "0.$(printf %03d $((RANDOM % 200)))" -u "$never" # a random moment
    if [ $((n % 4)) -lt 2 ]; then # half of the workers are stopped first, to see how far they were
        kill -STOP "${worker[$which]}"
        fallen+=("$(talk observer "SELECT concat_ws(' ', state, coalesce(substring(query FROM 'engine_[a-z_]+'), substring(query FROM '^[A-Z]+'), 'between'))
            FROM pg_stat_activity WHERE usename = 'working_$which'" | sed -n 1p)")
    fi
    kill -9 "${worker[$which]}"
    wait "${worker[$which]}" 2>/dev/null
    start_worker $which
done
is $unready 0 "$kills workers were at work when they were killed"
diag "of those that were looked at: $(printf '%s\n' "${fallen[@]}" | sort | uniq -c | sort -rn | sed 's/^ *//' | paste -sd ',')"
ok 'many in the middle of a transaction' test "$(printf '%s\n' "${fallen[@]}" | grep -c 'engine_\(claim\|plan\|write\)')" -ge $((kills / 10))
touch "$test_dir/enough"
wait $producer
is $? 0 'the producer could publish all the time'
none_waits() { [ "$(psql_do 'SELECT count(*) FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL')" = 0 ]; }
wait_for 120 none_waits
is $? 0 'the last two do what is left'
kill -TERM "${worker[1]}" "${worker[2]}"
wait "${worker[1]}" "${worker[2]}"
is "$(psql_do 'SELECT count(*) FROM nightbell.outbox WHERE attempts > 0 OR dead_at IS NOT NULL')" 0 'none of the deaths counts as a failure of the app event'
published=$(cat "$test_dir/published")
ok "there were app events all the time ($published)" test "$published" -gt $((kills / 4))
same_as_reference "$seed" 1 "$published" "$now" 'nothing is lost, nothing is doubled' "${options[@]}"
done_testing
