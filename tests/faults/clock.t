#!/bin/bash
# A server whose clock we turn: a year of weeks with the upkeep that an administrator runs, a jump over the end of every
# partition, a step back. Tables stay bounded, no producer gets an error, rows stay in order.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"

faketime=$(find /usr/lib /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -1)
if [ -z "$faketime" ]; then
    [ -z "${CI:-}" ] || bail_out "no libfaketime: install libfaketime (./bootstrap check does)"
    skip_all "no libfaketime: install libfaketime (./bootstrap check does)"
fi

cluster_start
server_stop
clock=$test_dir/clock
turn_clock() { echo "$1" >"$clock.new" && chmod 0644 "$clock.new" && mv "$clock.new" "$clock"; }
turn_clock +0
(
    export LD_PRELOAD=$faketime FAKETIME_TIMESTAMP_FILE=$clock FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_FAKE_MONOTONIC=1
    server_start
) || bail_out "the server does not start under libfaketime"
turn_clock +1d
[ "$(psql_do "SELECT now() > '$(date -u -d '+23 hours' '+%F %T')+00'")" = t ] || bail_out "the server does not see the clock that we turn"
turn_clock +0
export NIGHTBELL_DSN=$cluster_admin_dsn

# -- a year. acme keeps little, globex as much as is standard.
psql_do "UPDATE nightbell.tenants SET settings = '{\"retention_days_notifications\": 60, \"retention_days_read\": 20, \"retention_days_events\": 90}' WHERE name = 'acme'"
week_of_work() {
    PGUSER=nightbell_producing psql_do "
        SELECT count(*) FROM nightbell.notify_many(ARRAY(
            SELECT jsonb_build_object('tenant', '$ACME', 'user', '$ADA', 'type', 'TEST_NOTE', 'title', 'week $1 number ' || n, 'message', 'text')
            FROM generate_series(1, 200) AS n));
        SELECT count(*) FROM nightbell.notify_many(ARRAY(
            SELECT jsonb_build_object('tenant', '$GLOBEX', 'user', '$MALLORY', 'type', 'TEST_NOTE', 'title', 'week $1 number ' || n, 'message', 'text')
            FROM generate_series(1, 50) AS n));
        SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'week $1', 'text');
        SELECT nightbell.raise_event('test_event', 'low', 'week $1', tenant => '$ACME') FROM generate_series(1, 20)" >/dev/null &&
        psql_do "UPDATE nightbell.notifications SET read_at = now() WHERE read_at IS NULL AND right(title, 1) IN ('1', '2', '3', '4', '5')
            AND user_id = '$ADA'"
}
sizes() {
    psql_do "SELECT (SELECT count(*) FROM nightbell.notifications WHERE tenant_id = '$ACME'), (SELECT count(*) FROM nightbell.notifications),
        (SELECT count(*) FROM nightbell.announcements), (SELECT count(*) FROM nightbell.admin_system_events),
        (SELECT count(*) FROM nightbell.dedup_windows), (SELECT count(*) FROM nightbell.partitions()),
        (SELECT sum(pg_total_relation_size(partition))::bigint / 1024 FROM nightbell.partitions())"
}
failed=0
for week in $(seq 0 52); do
    turn_clock "+$((week * 7))d"
    week_of_work "$week" && "$nightbell" --quiet db rotate-partitions && "$nightbell" --quiet db purge || failed=$((failed + 1))
    sizes
done >"$test_dir/year"
is $failed 0 "a year of weeks: producing, rotating and purging go through"
diag "notifications of acme | all | announcements | events | dedup | partitions | KiB, at weeks 8, 30 and 52: $(sed -n '9p;31p;53p' "$test_dir/year" | paste -sd ' ')"
most() { cut -d '|' -f "$1" "$test_dir/year" | sort -n | tail -1; }
bounded() { [ "$(most "$1")" -le "$2" ] || { echo "$(most "$1") > $2" && false; }; }
ok "acme's notifications are those of 60 days, and of the read ones 20" bounded 1 $((100 * 9 + 100 * 3 + 200))
ok "all are bounded by what globex keeps" bounded 2 $((1400 + 50 * 26 + 50))
ok "announcements likewise" bounded 3 10
ok "events by 90 days" bounded 4 $((20 * 14))
ok "dedup windows by one week's work" bounded 5 300
ok "partitions by half a year and what is made ahead" bounded 6 14
kilobytes() { sed -n "$(($1 + 1))p" "$test_dir/year" | cut -d '|' -f 7; }
ok "and the disk: as much after a year as after half of one ($(kilobytes 30) and $(kilobytes 52) KiB)" \
    test "$(kilobytes 52)" -le $(($(kilobytes 30) * 5 / 4))
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications_default')" 0 "nothing has ever been left in the default partition"
is "$(psql_do "SELECT count(*) FROM nightbell.partitions() WHERE upper_id < nightbell.uuidv7_floor(now() - interval '180 days')")" 0 "partitions that are past were dropped"

# -- the clock jumps over the end of all partitions
cat >"$test_dir/produce.sql" <<END
SELECT nightbell.notify('$ACME', '$BOB', 'TEST_NOTE', 'tick ' || :client_id || ' ' || clock_timestamp(), 'm');
END
PGUSER=nightbell_producing "$pg_bin/pgbench" -n -c 2 -t 1500 -f "$test_dir/produce.sql" >"$test_dir/producing" 2>&1 &
producing=$!
some() { [ "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$BOB'")" -gt 20 ]; }
wait_for 20 some
turn_clock "+$((52 * 7 + 150))d"
wait $producing
is $? 0 "while programs produce: none gets an error"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$BOB'")" 3000 "each row is there"
stray=$(psql_do 'SELECT count(*) FROM nightbell.notifications_default')
isnt "$stray" 0 "those behind the jump in the default partition"
run "$nightbell" db status
like "$out" "$stray rows? in the default one" "as db status says"
# created_at is when the transaction began, the id's time when it was made: the one row a client was at when the clock jumped
# has one before and one behind the jump.
jumping="abs(extract(epoch FROM nightbell.uuidv7_time(id) - created_at)) > 1"
in_order() {
    [ "$(psql_do "SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY created_at, id) AS before FROM nightbell.notifications
            WHERE user_id = '$BOB' AND NOT $jumping) AS n
        WHERE id < before AND nightbell.uuidv7_time(id) < nightbell.uuidv7_time(before) - interval '1 second'")" = 0 ] &&
        [ "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$BOB' AND $jumping")" -le 2 ]
}
ok "in order of time" in_order
run "$nightbell" db rotate-partitions --json
is "$(jq '.moved' <<<"$out")" "$stray" "the next rotation moves them"
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications_default')" 0 "and leaves none"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$BOB'")" 3000 "nobody's row is lost"
ok "the order stays" in_order

# -- the clock steps back, under one session and between two
turn_clock "+$((52 * 7 + 150))d"
ids=$(
    {
        echo "SELECT nightbell.notify('$ACME', '$CAROL', 'TEST_NOTE', 'before', 'm');"
        echo "\\! echo '+$(((52 * 7 + 150) * 86400 - 600))' > $clock.new; chmod 0644 $clock.new; mv $clock.new $clock"
        echo "SELECT nightbell.notify('$ACME', '$CAROL', 'TEST_NOTE', 'after ' || n, 'm') FROM generate_series(1, 50) AS n;"
        echo "SELECT nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', '$ACME', 'user', '$CAROL', 'type', 'TEST_NOTE', 'title', 'batch ' || n, 'message', 'm') FROM generate_series(1, 50) AS n));"
    } | PGUSER=nightbell_producing psql -XqAt
)
is "$(wc -l <<<"$ids")" 101 "ten minutes back: producing goes on"
is "$ids" "$(sort <<<"$ids")" "and the session's ids only go up"
turn_clock "+$((52 * 7))d"
ok "back by months: what comes goes to the partition of its time" \
    psql_do "SELECT nightbell.notify('$ACME', '$CAROL', 'TEST_NOTE', 'months back', 'm')"
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications_default')" 0 "and not astray"
run "$nightbell" db rotate-partitions
is_status 0 "a rotation goes through"
done_testing
