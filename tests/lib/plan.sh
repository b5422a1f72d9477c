# plan.sh - the server's plan for a page query, and what is wrong with it.
#
#   . "${srcdir:-.}/tests/lib/plan.sh"         after cluster.sh
#   page_plan QUERY NAME KEY      the generic plan of core/sql/queries/QUERY.sql for NAME, run once, without times
#   plan_shape                    stdin: such a plan. Prints the kinds of node above and on the partitions of
#                                 notifications, one on each line
#
# A page must come from one ordered index scan of each partition, by tenant, user and id, merged. It must not sort, nor
# read rows that it drops, whatever the number of rows.

page_plan() {
    local query
    query=$(sed 's|/\*filter\*/||' "$srcdir/core/sql/queries/$1.sql")
    PGUSER=nightbell_console "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -v "token=$(make_token "$2" 86400)" -v "key=$3" <<END
\o /dev/null
PREPARE session (text, int) AS $(cat "$srcdir/core/sql/queries/session_start.sql");
SELECT pg_backend_pid() AS process \gset
EXECUTE session (:'token', :process);
PREPARE page AS $query;
\o
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE page (:'key', 50, false);
END
}

plan_shape() {
    awk '
        { line = $0; sub(/^ *(->)? */, "", line); sub(/ \(actual.*| \(never.*/, "", line) }
        /on notifications_/ {
            sub(/ using [^ ]+/, "", line); sub(/ Backward/, "", line)
            sub(/ on notifications_.*/, " on a partition", line); here = 1; print line; next
        }
        here && /Index Cond/ { print line ~ /tenant_id = .*user_id = .*id [<>]/ ? "by tenant, user and id" : line; next }
        here && /Rows Removed by (Filter|Index Recheck)/ { print "reads what it throws away"; next }
        /->/ { here = 0 }
        /Merge Append/ { print "Merge Append" }
        /Sort Method|Bitmap|Gather/ && !/quicksort/ { print line }
    ' | sort -u
}
