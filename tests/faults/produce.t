#!/bin/bash
# The server's end of `notify --file` is killed again and again: each line is stored once, and told once, in order.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
cluster_start

# Without dedup and limit nothing but the transaction ids stands between a retry and a second row.
psql_do "UPDATE nightbell.tenants SET settings = '{\"dedup_window\": \"0\", \"rate_limit\": 0}'"
lines=20000
awk -v n=$lines -v user="$ADA" 'BEGIN { for (i = 1; i <= n; i++)
    if (i % 1000 == 7) print "{\"user\": \"" user "\", \"type\": \"NO_SUCH_TYPE\", \"title\": \"line " i "\", \"message\": \"m\"}"
    else print "{\"user\": \"" user "\", \"type\": \"TEST_NOTE\", \"title\": \"line " i "\", \"message\": \"m\"}" }' >"$test_dir/lines"
person app "$nightbell" notify --file "$test_dir/lines" >"$test_dir/out" 2>"$test_dir/err" &
producing=$!
kills=0
stored() { psql_do "SELECT count(*) FROM nightbell.notifications"; }
for share in 1 3 6 9 12 15 17; do
    reached() { [ "$(stored)" -ge $((lines * share / 20)) ] || ! kill -0 $producing 2>/dev/null; }
    wait_for 60 reached
    kill -0 $producing 2>/dev/null || break
    kill_backends >/dev/null
    kills=$((kills + 1))
done
wait $producing
is $? 1 "it ends, with the exit code for refused lines"
is "$([ $kills -ge 3 ] && echo enough)" enough "after its sessions were killed again and again ($kills times)"
is "$(stored)" $((lines - lines / 1000)) "as many rows as good lines"
is "$(psql_do "SELECT count(DISTINCT title) FROM nightbell.notifications")" $((lines - lines / 1000)) "none doubled"
is "$(cut -f1 "$test_dir/out" | cut -d' ' -f1 | tr '\n' ' ' | sha256sum)" "$(seq $lines | tr '\n' ' ' | sha256sum)" "a result for each line, in order"
is "$(grep -c error "$test_dir/out")" $((lines / 1000)) "the bad ones are told with their numbers"
psql_do "SELECT id FROM nightbell.notifications ORDER BY id" >"$test_dir/stored"
is "$(grep -v error "$test_dir/out" | cut -f2 | sort | sha256sum)" "$(sort "$test_dir/stored" | sha256sum)" "the ids told are those stored"
done_testing
