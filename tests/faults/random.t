#!/bin/bash
# Random keys and resizes while rows arrive: no crash, no leak (with the sanitizers), the terminal sane at the end.
# RANDOM_KEYS: how many (3,000; `make soak`: 100,000); RANDOM_SEED: to see one run again.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

count=${RANDOM_KEYS:-3000} seed=${RANDOM_SEED:-$RANDOM} batch=250
cluster_start
diag "RANDOM_SEED=$seed RANDOM_KEYS=$count"
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, data)
    SELECT nightbell.uuidv7_at(now() - i * interval '7 minutes'), '$ACME', '$BOB', 'TEST_NOTE', 'row ' || i || ' 猫🙂', E'line\n' || i,
           jsonb_build_object('n', i) FROM generate_series(1, 500) AS i;
    INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id, details)
    SELECT 'job_' || i % 7, (ARRAY['low', 'medium', 'high', 'critical'])[1 + i % 4], 'event ' || i, '$ACME', '{\"a\": [1, 2]}'
    FROM generate_series(1, 300) AS i"

# A producer that never rests.
produce() {
    local n=0
    while :; do
        n=$((n + 1))
        notify bob "arrived $n" && raise high "burning $n" || return
    done >/dev/null 2>&1
}
produce &
producer=$!
stop_producing() { kill "$producer" 2>/dev/null; wait "$producer" 2>/dev/null; }
at_exit stop_producing

console_start bob
pressed=0 ends=0
while [ "$pressed" -lt "$count" ]; do
    if ! screen_random "$batch" $((seed + pressed)); then
        how=$(screen_exit 5)
        ends=$((ends + 1))
        if [ "$how" != "exit 0" ]; then
            fail "it ended with $how after $pressed keys (batch seed $((seed + pressed)))"
            diag "$(tail -c 2000 "$(screen_raw)" | tr -d '\000' | cat -v | tail -5)"
            break
        fi
        screen_is_sane "left by a random key"
        console_start bob # some sequences of keys are :quit
    fi
    pressed=$((pressed + batch))
done
ok "$count random keys and resizes" test "$pressed" -ge "$count"
stop_producing
screen_resize 120x40
# one by one: Esc with something right behind it is an Alt key
for _ in 1 2 3 4 5; do
    keys '<Esc>'
    screen_idle 120
done
screen_shows '^ nightbell' "it still draws"
screen_wait 'live'
keys ':' 'quit' '<Enter>'
is "$(screen_exit)" "exit 0" "it ends with 0"
screen_is_sane "at the end"
[ "$ends" = 0 ] || diag "random keys quit it $ends times"
done_testing
