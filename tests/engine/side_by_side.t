#!/bin/bash
# Four workers side by side: each app event exactly once, as the rules say (reference.py); what fails is one dead letter and
# keeps the others from nothing; what is critical is not behind a broadcast; what a killed worker had in hand another one takes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/talk.sh"
. "$srcdir/tests/engine/engine.sh"
seed=${RANDOM_SEED:-$RANDOM}
count=300
now=$(date +%s)
diag "RANDOM_SEED=$seed"
engine_start
is "$(make_world "$seed" "$now" --timeless)" '' 'a world'
declare -A worker
start_worker() {
    as_worker "$1" >/dev/null 2>"$test_dir/log.$1" &
    worker[$1]=$!
    wait_for 30 grep -q 'worker ready' "$test_dir/log.$1"
}
end_workers() {
    local n
    for n in "$@"; do pkill -TERM -P "${worker[$n]}" 2>/dev/null || kill -TERM "${worker[$n]}" 2>/dev/null; done
    for n in "$@"; do wait "${worker[$n]}" 2>/dev/null; done
}
end_all() { end_workers "${!worker[@]}"; }
at_exit end_all
none_waits() { [ "$(psql_do 'SELECT count(*) FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL')" = 0 ]; }
processed() { [ "$(psql_do "SELECT bool_and(processed_at IS NOT NULL) FROM nightbell.outbox WHERE $1")" = t ]; }
rule() { psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY[\$\$$1\$\$])"; }

# -- each app event once
for n in 1 2 3 4; do start_worker $n || bail_out "worker $n is not ready: $(cat "$test_dir/log.$n")"; done
producers=()
for half in 0 1; do
    reference publish "$seed" $((half * count / 2 + 1)) $(((half + 1) * count / 2)) --timeless | "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 >/dev/null &
    producers+=($!)
done
wait "${producers[@]}"
wait_for 120 none_waits
is $? 0 'four workers do what two producers publish'
is "$(psql_do 'SELECT count(*) FROM nightbell.outbox WHERE attempts > 0 OR dead_at IS NOT NULL')" 0 'and do not get into each other'"'"'s way'
same_as_reference "$seed" 1 $count "$now" 'each app event exactly once' --timeless

# -- one that cannot be processed
psql_do "DELETE FROM nightbell.windows; DELETE FROM nightbell.rules; DELETE FROM nightbell.preferences; DELETE FROM nightbell.alert_thresholds; DELETE FROM nightbell.module_config"
said=$(rule '{"rule_id": "slow", "event_type": "poison", "recipient_type": "tenant", "notification_type": "PROOF_PLAIN",
    "condition_expr": "exists($.a[*] ? (exists($.a[*] ? (exists($.a[*] ? (@ < 0))))))"}'
    rule '{"rule_id": "good", "event_type": "good", "recipient_type": "user", "recipient_value": "ada", "notification_type": "PROOF_PLAIN"}')
is "$said" '' 'a rule whose condition takes for ever'
psql_do "BEGIN; SELECT nightbell.publish('$ACME', 'good', 'none', jsonb_build_object('n', 100000 + n)) FROM generate_series(1, 10) AS n;
    SELECT nightbell.publish('$ACME', 'poison', 'none', jsonb_build_object('a', (SELECT jsonb_agg(n) FROM generate_series(1, 9000) AS n)));
    SELECT nightbell.publish('$ACME', 'good', 'none', jsonb_build_object('n', 200000 + n)) FROM generate_series(1, 10) AS n; COMMIT" >/dev/null
wait_for 120 none_waits
is "$(psql_do "SELECT event_type, count(processed_at), count(dead_at) FROM nightbell.outbox WHERE event_type IN ('good', 'poison') GROUP BY 1 ORDER BY 1")" \
    "good|20|0
poison|0|1" 'it is a dead letter, and the others are done'
is "$(psql_do "SELECT d.code, d.rule_id, count(*) FROM nightbell.decisions d JOIN nightbell.outbox o ON o.id = d.app_event WHERE o.event_type = 'poison' GROUP BY 1, 2")" \
    'condition_failed|slow|1' 'which names the rule, once'
is "$(psql_do "SELECT count(*), count(DISTINCT n.data ->> 'n') FROM nightbell.notifications n WHERE (n.data ->> 'n')::int > 100000")" '20|20' 'the others are told once'
end_workers 2 3 4
like "$(cat "$test_dir"/log.[234])" 'worker end .*worker end .*worker end' 'SIGTERM ends three of them'
is "$(psql_do "SELECT count(*) FROM nightbell.workers WHERE stopped_at IS NOT NULL AND processed > 0")" 3 'each of them had done some'

# -- broadcasts and something critical
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) SELECT '$ACME', gen_random_uuid(), 'crowd ' || n FROM generate_series(1, 4000) AS n" >/dev/null
people=$(psql_do "SELECT count(*) FROM nightbell.users WHERE tenant_id = '$ACME' AND deleted_at IS NULL")
said=$(rule '{"rule_id": "all", "event_type": "broadcast", "recipient_type": "tenant", "notification_type": "PROOF_PLAIN"}'
    rule '{"rule_id": "fire", "event_type": "fire", "recipient_type": "user", "recipient_value": "ada", "notification_type": "PROOF_PLAIN", "urgency": "critical"}')
is "$said" '' 'rules'
psql_do "SELECT nightbell.publish('$ACME', 'broadcast', 'none', jsonb_build_object('n', 300000 + n)) FROM generate_series(1, 3) AS n" >/dev/null
has_begun() { [ "$(psql_do "SELECT count(*) FROM nightbell.outbox WHERE progress IS NOT NULL")" != 0 ]; }
wait_for 60 has_begun
is $? 0 'a broadcast has begun'
psql_do "SELECT nightbell.publish('$ACME', 'fire', 'none', '{\"n\": 400000}')" >/dev/null
wait_for 60 processed "event_type IN ('fire', 'broadcast')"
is "$(psql_do "SELECT bool_and(f.processed_at < b.processed_at) FROM nightbell.outbox f, nightbell.outbox b WHERE f.event_type = 'fire' AND b.event_type = 'broadcast'")" \
    t 'what is critical overtakes them, of one worker too'
is "$(psql_do "SELECT data ->> 'n', count(*), count(DISTINCT user_id) FROM nightbell.notifications WHERE (data ->> 'n')::int BETWEEN 300000 AND 399999 GROUP BY 1 ORDER BY 1")" \
    "300001|$people|$people
300002|$people|$people
300003|$people|$people" 'and everybody hears each of them once'

# -- one dies with something in hand
talk_open holder postgres
talk holder 'BEGIN; LOCK TABLE nightbell.notifications IN EXCLUSIVE MODE' >/dev/null
psql_do "SELECT nightbell.publish('$ACME', 'good', 'none', '{\"n\": 500000}')" >/dev/null
waits() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE usename = 'working_$1' AND wait_event_type = 'Lock' AND query LIKE '%engine_write%'")" = 1 ]; }
wait_for 30 waits 1
is $? 0 'a worker is in the middle of its transaction'
start_worker 2
psql_do "SELECT nightbell.publish('$ACME', 'good', 'none', '{\"n\": 600000}')" >/dev/null
wait_for 30 waits 2
is $? 0 'another one takes what the first one has not'
pkill -KILL -P "${worker[1]}" || kill -KILL "${worker[1]}"
talk holder 'COMMIT' >/dev/null
wait_for 60 processed "event_type = 'good'"
is $? 0 'and what it had, when it is killed'
is "$(psql_do "SELECT string_agg(data ->> 'n', ' ' ORDER BY data ->> 'n') FROM nightbell.notifications WHERE (data ->> 'n')::int >= 500000")" '500000 600000' 'once'
done_testing
