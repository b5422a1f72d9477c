#!/bin/bash
# Who hears of what, by which channel, from when on and why not: random rules, people, groups, preferences, thresholds, quiet
# hours, digests and addresses, as the worker decides on them and as a slow, obvious reference does (reference.py).
# RANDOM_SEED: the first seed; RANDOM_WORLDS: how many. One world again: RANDOM_SEED=n RANDOM_WORLDS=1.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
events=40
seed=${RANDOM_SEED:-$RANDOM} worlds=${RANDOM_WORLDS:-8}
engine_start
diag "RANDOM_SEED=$seed RANDOM_WORLDS=$worlds"
psql_do "CREATE DATABASE untouched TEMPLATE nightbell" >/dev/null

# A moment of two years, every other one within two days of a change of the clocks somewhere.
moment() {
    python3 -c 'import random, sys
r = random.Random(f"moment {sys.argv[1]}")
changes = [1743296400, 1761440400, 1741503600, 1762063200, 1743865200, 1759593600, 1743908400, 1757217600]
print(r.choice(changes) + r.randint(-172800, 172800) if r.random() < 0.5 else r.randint(1735689600, 1798761600))' "$1"
}
for ((world = seed; world < seed + worlds; world++)); do
    now=$(moment "$world")
    PGDATABASE=postgres psql_do "DROP DATABASE nightbell WITH (FORCE)" >/dev/null
    PGDATABASE=postgres psql_do "CREATE DATABASE nightbell TEMPLATE untouched" >/dev/null
    {
        reference world "$world" "$now"
        reference publish "$world" 1 $events
        echo "UPDATE nightbell.outbox SET next_attempt_at = to_timestamp($now) - interval '1 second';"
    } | "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 >"$test_dir/made" 2>&1
    is "$? $(grep -v '^[0-9]*$' "$test_dir/made")" '0 ' "world $world is made" || break
    PGOPTIONS="-c nightbell.clock=$(date -u -d "@$now" +%FT%TZ)" run as_worker 1 --once
    like "$status $err" "^0 .*worker end .*processed=$events failed=0" "the worker works on it"
    same_as_reference "$world" 1 $events "$now" "everybody hears what the reference says, at $now"
done
done_testing
