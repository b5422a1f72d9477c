#!/bin/bash
# Who hears of what, by which channel, from when on and why not: random rules, people, groups, preferences, thresholds, quiet hours
# and days, digests, addresses, windows, rate limits and repetitions, as the worker decides on them and as a slow, obvious reference
# does (reference.py). What is published at one time is followed by more at a later one; then what waited leaves.
# RANDOM_SEED: the first seed; RANDOM_WORLDS: how many. One world again: RANDOM_SEED=n RANDOM_WORLDS=1.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
events=40
seed=${RANDOM_SEED:-$RANDOM} worlds=${RANDOM_WORLDS:-6}
engine_start
diag "RANDOM_SEED=$seed RANDOM_WORLDS=$worlds"
psql_do "CREATE DATABASE untouched TEMPLATE nightbell" >/dev/null

at_that_time() { PGOPTIONS="-c nightbell.clock=$(date -u -d "@$now" +%FT%TZ)" "$@"; }

# live_in WORLD [options]: makes the world and plays its rounds; $problems is what went wrong.
live_in() {
    local first last
    problems=''
    PGDATABASE=postgres psql_do "DROP DATABASE nightbell WITH (FORCE)" >/dev/null
    PGDATABASE=postgres psql_do "CREATE DATABASE nightbell TEMPLATE untouched" >/dev/null
    now=$(reference rounds "$1" $events | awk 'NR == 1 { print $3 }')
    problems+=$(make_world "$1" "$now" "${@:2}")
    while read -r first last now; do
        [ "$first" = 1 ] || at_that_time run as_worker 1 --once # what waited leaves first
        problems+=$(reference publish "$1" "$first" "$last" "${@:2}" | at_that_time "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 2>&1 >/dev/null)
        at_that_time run as_worker 1 --once
        grep -q 'worker end .*failed=0' <<<"$err" && ! grep -q 'failed=[^0]' <<<"$err" && [ "$status" = 0 ] || problems+="at $now: $err"
    done < <(reference rounds "$1" $events)
}

for ((world = seed; world < seed + worlds; world++)); do
    options=()
    live_in "$world"
    # a rate limit is one of a minute of the real clock; where this machine took longer, what it says cannot be told
    if [ "$(psql_do "SELECT max(created_at) - min(created_at) > interval '50 seconds' FROM nightbell.notifications")" = t ]; then
        diag "world $world took long: it is made again without rate limits"
        options=(--unlimited)
        live_in "$world" "${options[@]}"
    fi
    is "$problems" '' "world $world is made, and the worker works on it"
    psql_do "$(reference stored)" >"$test_dir/stored"
    reference compare-rounds "$world" $events "${options[@]}" <"$test_dir/stored" >"$test_dir/differences" 2>"$test_dir/counts"
    is "$? $(head -5 "$test_dir/differences")" '0 ' 'everybody hears what the reference says'
    diag "$(cat "$test_dir/counts")"
done
done_testing
