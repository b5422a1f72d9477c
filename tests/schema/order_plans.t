#!/bin/bash
# A page of events is read from one ordered index scan a branch, whatever the order: a tenant's operator reads by tenant, a global one
# everything. It sorts nothing, and reads no more rows than it shows.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/plan.sh"

cluster_start
psql_do "SET session_replication_role = replica;
    INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id, created_at, last_seen_at)
    SELECT 'job', (ARRAY['low','medium','high','critical'])[1 + i * 7919 % 4], 'event ' || i,
        CASE WHEN i % 4 > 0 THEN '$GLOBEX'::uuid WHEN i % 8 = 0 THEN '$ACME'::uuid END,
        now() - (200000 - i) * interval '1 min', now() - (i::bigint * 7919 % 200000) * interval '1 min'
    FROM generate_series(1, 200000) AS i" && psql_do "VACUUM ANALYZE nightbell.admin_system_events"

# What reads events: by which index, by which condition, how many rows; and whatever sorts or throws rows away.
event_shape() {
    awk '
        { line = $0; sub(/^ *(->)? */, "", line); sub(/ \(actual.*| \(never.*/, "", line) }
        /on admin_system_events/ {
            here = !/never executed/ && !/rows=0 /; rows = $0; sub(/.*rows=/, "", rows); rows += 0
            sub(/ on .*/, "", line); sub(/.* using /, "", line); if (here) print line (rows <= 51 ? "" : ": " rows " rows"); next
        }
        here && /Index Cond/ { gsub(/\(?InitPlan [0-9]+\)?(\.col1)?|\$[0-9]+/, "?", line); sub(/^Index Cond: /, "", line); print line; next }
        here && /Rows Removed by (Filter|Index Recheck)/ { print "reads what it throws away" }
        /->/ { here = 0 }
        /Sort Method/ && !/quicksort/ || /Gather/ { print line }
    '
}
shape_is() { # NAME ORDER older|newer RANK EXPECTED…
    local name=$1 order=$2 direction=$3 rank=$4 id=9223372036854775807
    shift 4
    [ "$direction" = older ] || id=0
    is "$(page_plan "events_page_$direction" "$name" "$id" "$order" "$rank" | event_shape)" "$(printf '%s\n' "$@")" "$name: $order, $direction"
}

shape_is bob new older '' events_tenant_newest '((tenant_id = ?) AND (id < ?))'
shape_is bob new newer '' events_tenant_newest '((tenant_id = ?) AND (id > ?))'
shape_is bob seen older infinity events_tenant_seen '((tenant_id = ?) AND (ROW(last_seen_at, id) < ROW(?, ?)))'
shape_is bob seen newer -infinity events_tenant_seen '((tenant_id = ?) AND (ROW(last_seen_at, id) > ROW(?, ?)))'
shape_is bob severity older 4 events_tenant_severity '((tenant_id = ?) AND (ROW(severity_rank, id) < ROW(?, ?)))'
shape_is bob severity newer 1 events_tenant_severity '((tenant_id = ?) AND (ROW(severity_rank, id) > ROW(?, ?)))'
shape_is olga new older '' admin_system_events_pkey '(id < ?)'
shape_is olga new newer '' admin_system_events_pkey '(id > ?)'
shape_is olga seen older infinity events_seen '(ROW(last_seen_at, id) < ROW(?, ?))'
shape_is olga seen newer -infinity events_seen '(ROW(last_seen_at, id) > ROW(?, ?))'
shape_is olga severity older 4 events_severity '(ROW(severity_rank, id) < ROW(?, ?))'
shape_is olga severity newer 1 events_severity '(ROW(severity_rank, id) > ROW(?, ?))'

# What changed since a look, and whose snooze has ended since: each by the index of its own, whatever else there is. Of the
# 2,000 snoozed ones, 40 have woken in the last minute, 20 of them of the tenant.
psql_do "SET session_replication_role = replica;
    UPDATE nightbell.admin_system_events SET snoozed_until = now() + CASE WHEN id % 10000 < 50 THEN interval '-30 s' ELSE interval '1 day' END
    WHERE id % 200 IN (8, 9)" && psql_do "VACUUM ANALYZE nightbell.admin_system_events"
changes_plan() { # NAME
    PGUSER=nightbell_console "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -v "token=$(make_token "$1" 86400)" <<END
\o /dev/null
PREPARE session (text, int) AS $(cat "$srcdir/core/sql/queries/session_start.sql");
SELECT pg_backend_pid() AS process \gset
EXECUTE session (:'token', :process);
PREPARE changes AS $(sed 's|/\*filter\*/||' "$srcdir/core/sql/queries/events_changes.sql");
\o
SELECT pg_current_snapshot() AS look \gset
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE changes (:'look', NULL, 0, 101, false, NULL, false, now() - interval '1 min', NULL);
END
}
# The index of each branch that found a row or threw one away.
branches() { awk '/on admin_system_events/ { line = $0; sub(/ on .*/, "", line); sub(/.*(using|->) */, "", line); if (!/never executed/ && !/rows=0 /) print line; left = 4 }
    left-- > 0 && /Rows Removed by (Filter|Index Recheck)/ { print line " reads what it throws away" }'; }
for name in bob olga; do
    changes_plan $name >"$test_dir/plan.$name"
    is "$(branches <"$test_dir/plan.$name")" events_snoozed "$name: a look reads what woke, and nothing else"
    is "$(grep -o 'events_snoozed .*rows=[1-9][0-9]*' "$test_dir/plan.$name" | grep -o '[0-9]*$')" "$([ $name = bob ] && echo 20 || echo 40)" "$name: all of it"
done
done_testing
