#!/bin/bash
# A digest of 10,000 people by four workers, of whom some are killed: each person exactly one, with all that waited for them;
# what is committed late falls into the next slot.
# DIGEST_PEOPLE: how many; RANDOM_SEED: of the moments of death.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/talk.sh"
. "$srcdir/tests/engine/engine.sh"
people=${DIGEST_PEOPLE:-10000} seed=${RANDOM_SEED:-$RANDOM}
diag "RANDOM_SEED=$seed DIGEST_PEOPLE=$people"
RANDOM=$seed
engine_start
day=$(date -u -d tomorrow +%F) # the ids of deliveries are of the real time, and what is long past is dropped
at() { export PGOPTIONS="-c nightbell.clock=${day}T$1Z"; }
one() { is "$(psql_do "$1")" "$2" "$3"; }

at 10:59:50
psql_do "INSERT INTO nightbell.users (tenant_id, id, name, email) SELECT '$ACME', gen_random_uuid(), 'reader ' || n, 'r' || n || '@acme.example' FROM generate_series(1, $people) AS n;
    INSERT INTO nightbell.groups (tenant_id, id, name) VALUES ('$ACME', gen_random_uuid(), 'readers');
    INSERT INTO nightbell.group_members SELECT u.tenant_id, g.id, u.id FROM nightbell.users u, nightbell.groups g WHERE u.name LIKE 'reader %';
    INSERT INTO nightbell.user_settings (tenant_id, user_id, digest) SELECT u.tenant_id, u.id, 'hourly' FROM nightbell.users u WHERE u.name LIKE 'reader %';
    INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_DIGEST', 'm', 'Approvals')"
one "SELECT message FROM nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"r\", \"event_type\": \"news\", \"recipient_type\": \"group\", \"recipient_value\": \"readers\",
    \"notification_type\": \"TEST_DIGEST\", \"channel\": [\"email\"]}'])" '' 'a rule'
psql_do "SELECT nightbell.publish('$ACME', 'news', 'm', jsonb_build_object('n', n)) FROM generate_series(1, 2) AS n" >/dev/null
run as_worker 1 --once
one "SELECT status, held_for, held_slot AT TIME ZONE 'UTC', count(*) FROM nightbell.deliveries GROUP BY 1, 2, 3" "held|held_for_digest|$day 11:00:00|$((2 * people))" 'two wait for each'
# a producer whose transaction is still open when the slot's time comes
talk_open late postgres '' "nightbell.clock=${day}T10:59:50Z"
talk late "BEGIN; INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, address, body, status, held_for, held_slot)
    SELECT nightbell.uuidv7(), u.tenant_id, u.id, 'TEST_DIGEST', 'email', u.email, 'late', 'held', 'held_for_digest', '$day 11:00+00'
    FROM nightbell.users u WHERE u.name IN ('reader 1', 'reader 2')" >/dev/null

at 11:00:00
declare -A worker
start_worker() {
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_$1" worker --name "working_$1" >/dev/null 2>>"$test_dir/log.$1" &
    worker[$1]=$!
}
end_all() {
    kill -9 "${worker[@]}" 2>/dev/null
    wait "${worker[@]}" 2>/dev/null
}
at_exit end_all
for n in 1 2 3 4; do start_worker $n; done
mkfifo "$test_dir/never"
exec {never}<>"$test_dir/never"
begun() { [ "$(psql_do "SELECT EXISTS (SELECT FROM nightbell.digest_slots)")" = t ]; }
wait_for 60 begun
is $? 0 'the digests have begun'
waits() { [ "$(psql_do "SELECT EXISTS (SELECT FROM nightbell.deliveries WHERE status = 'held')")" = t ]; }
killed=0
while [ $killed -lt 20 ] && waits; do
    read -rt "0.$(printf %03d $((RANDOM % 200)))" -u "$never"
    n=$((RANDOM % 4 + 1))
    kill -9 "${worker[$n]}"
    wait "${worker[$n]}" 2>/dev/null
    start_worker $n
    killed=$((killed + 1))
done
ok "workers were killed meanwhile ($killed)" test $killed -ge 3
wait_for 120 eval '! waits'
is $? 0 'and the others make all of them'
digests="SELECT count(*), count(DISTINCT user_id), min(payload ->> 'count'), max(payload ->> 'count') FROM nightbell.deliveries WHERE type = 'DIGEST' AND status = 'queued'"
one "$digests" "$people|$people|2|2" 'each person has exactly one, of two'
one "SELECT count(*), count(DISTINCT d.id) FROM nightbell.deliveries d JOIN nightbell.deliveries g ON g.id = d.digest_id AND g.user_id = d.user_id AND g.type = 'DIGEST'
    WHERE d.status = 'digested'" "$((2 * people))|$((2 * people))" 'which carries what waited'
one "SELECT code, count(*), count(DISTINCT subject_id) FROM nightbell.decisions WHERE subject = 'delivery' GROUP BY 1 ORDER BY 1" \
    "digested|$((2 * people))|$((2 * people))
held_for_digest|$((2 * people))|$((2 * people))
queued|$people|$people" 'and each was decided once'

# -- late
end_all
talk late 'COMMIT' >/dev/null
run as_worker 1 --once
one "SELECT status, held_slot AT TIME ZONE 'UTC', count(*) FROM nightbell.deliveries WHERE body = 'late' GROUP BY 1, 2" "held|$day 12:00:00|2" 'what is committed late waits for the next slot'
one "$digests" "$people|$people|2|2" 'and makes no second digest'
at 12:00:00
run as_worker 1 --once
one "SELECT status, count(*) FROM nightbell.deliveries WHERE body = 'late' GROUP BY 1" 'queued|2' 'with which it leaves'
done_testing
