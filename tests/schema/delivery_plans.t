#!/bin/bash
# A page of deliveries is read from one ordered index scan of each partition, of a tenant's operator by tenant, of a global one everything; the
# dead letters, and how many there are, from an index of their own, whatever else there is.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/plan.sh"

newest=ffffffff-ffff-ffff-ffff-ffffffffffff
oldest=00000000-0000-0000-0000-000000000000
rows=${DELIVERIES:-200000}
cluster_start
# one in 500 is dead, one in 50 waits; three of four are another tenant's
psql_do "SET session_replication_role = replica;
    INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, urgency, priority, status, error, next_attempt_at, attempts, created_at)
    SELECT nightbell.uuidv7_at(now() - ($rows - i) * interval '3 s'), CASE i % 4 WHEN 0 THEN '$ACME'::uuid ELSE '$GLOBEX'::uuid END,
        CASE i % 4 WHEN 0 THEN '$ADA'::uuid ELSE '$MALLORY'::uuid END, 'PAYMENT_RECEIVED', (ARRAY['email', 'push', 'sms', 'webhook'])[1 + i / 4 % 4], 'b', 'normal', 0,
        CASE WHEN i % 500 < 4 THEN 'failed' WHEN i % 50 < 4 THEN 'queued' ELSE (ARRAY['sent', 'delivered', 'read'])[1 + i / 4 % 3] END,
        CASE WHEN i % 500 < 4 THEN '550 no' END, CASE WHEN i % 500 >= 4 AND i % 50 < 4 THEN now() END, 1, now() - ($rows - i) * interval '3 s'
    FROM generate_series(1, $rows) AS i" && psql_do "VACUUM ANALYZE nightbell.deliveries"

# The plan of a query for somebody, run once, with a filter.
plan() { # QUERY NAME FILTER [KEY]
    PGUSER=nightbell_console "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -v "token=$(make_token "$2" 86400)" -v "key=${4-}" <<END
\o /dev/null
PREPARE session (text, int) AS $(cat "$srcdir/core/sql/queries/session_start.sql");
SELECT pg_backend_pid() AS process \gset
EXECUTE session (:'token', :process);
PREPARE page AS $(sed "s@/\*filter\*/@$3@; s@/\*older\*/@_new_older@; s@/\*newer\*/@_new_newer@" "$srcdir/core/sql/queries/$1.sql");
\o
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE page${4:+ (:'key', 50, false)};
END
}
# What found deliveries: by which index, by which condition, how many of them; "all of them" above a page. And what threw rows away or sorted
# more than a page.
shape() {
    awk -v limit="$1" '
        { line = $0; sub(/^ *(->)? */, "", line); sub(/ \(actual.*| \(never.*/, "", line) }
        /on deliveries_[0-9d]/ {
            here = !/never executed/ && !/rows=0 /; found = $0; sub(/.*rows=/, "", found); found += 0
            sub(/ on .*/, "", line); sub(/.*using deliveries_[0-9a-z]+_/, "", line); sub(/ Backward/, "", line)
            if (here) print line (found <= limit ? "" : ": " found " rows"); next
        }
        here && /Index Cond/ { gsub(/\(?InitPlan [0-9]+\)?(\.col1)?|\$[0-9]+/, "?", line); sub(/^Index Cond: /, "", line); print line; next }
        here && /Rows Removed by (Filter|Index Recheck)/ { sub(/.*: /, "", line); print line + 0 <= 1500 ? "past some that do not match" : "reads " line " that do not match" }
        /->/ { here = 0 }
        /Sort Method/ && !/quicksort/ || /Gather/ { print line }
    '
}
shape_is() { # NAME FILTER older|newer WHAT EXPECTED…
    local name=$1 filter=$2 direction=$3 what=$4 key=$newest
    shift 4
    [ "$direction" = older ] || key=$oldest
    is "$(plan "deliveries_page_$direction" "$name" "$filter" "$key" | shape 51)" "$(printf '%s\n' "$@")" "$name: $what, $direction"
}

by_tenant='((tenant_id = ?) AND (id < ?))'
shape_is bob '' older 'all' tenant_id_id_idx "$by_tenant"
shape_is bob '' newer 'all' tenant_id_id_idx '((tenant_id = ?) AND (id > ?))'
shape_is bob 'AND d.is_dead' older 'dead letters' tenant_id_id_idx1 "$by_tenant"
shape_is bob "AND d.status = ANY (ARRAY['queued'])" older 'a state' tenant_id_id_idx "$by_tenant" 'past some that do not match'
shape_is bob "AND lower(d.channel) = lower('sms')" older 'a channel' tenant_id_id_idx "$by_tenant" 'past some that do not match'
shape_is olga '' older 'all' id_tenant_id_user_id_idx '(id < ?)'
shape_is olga '' newer 'all' id_tenant_id_user_id_idx '(id > ?)'
is "$(plan deliveries_count bob 'AND d.is_dead' | shape $((rows / 500 + 10)))" "$(printf '%s\n' tenant_id_id_idx1 '(tenant_id = ?)')" "bob: the count in the tab"
is "$(plan deliveries_count olga 'AND d.is_dead' | shape $((4 * rows / 500 + 10)))" 'tenant_id_id_idx1' "olga: the count in the tab"
done_testing
