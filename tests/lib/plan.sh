# plan.sh - the server's plan for a page query, and what is wrong with it.
#
#   . "${srcdir:-.}/tests/lib/plan.sh"         after cluster.sh
#   page_plan QUERY NAME KEY [ORDER RANK]      the generic plan of core/sql/queries/QUERY.sql for NAME, run once, without
#                                 times; in an order of the filter language, from that rank on
#   plan_shape                    stdin: such a plan. Prints the kinds of node above and on the partitions of
#                                 notifications, one on each line
#
# A page must come from one ordered index scan of each partition, by tenant, user and id, merged. It must not sort, nor
# read rows that it drops, whatever the number of rows.

# The fragment of a subject's filters, on one line.
fragment() {
    awk -v name="-- :$2" '/^-- :/ { here = $0 == name; next } here && NF { printf "%s ", $0 }' "$srcdir/core/sql/filters/$1.sql"
}

page_plan() {
    local query rank= bound=
    if [ "${4:-new}" != new ]; then
        rank=$(fragment "${1%%_*}" "order_$4") bound="$(fragment "${1%%_*}" "order_$4_rank" | sed 's/\$1/$4/'), "
    fi
    query=$(sed "s|/\*filter\*/||; s|/\*rank\*/|${rank:+$rank, }|g; s|/\*rank falling\*/|${rank:+$rank DESC, }|g; s|/\*bound 1\*/|$bound|; s|/\*older\*/|_${4:-new}_older|; s|/\*newer\*/|_${4:-new}_newer|" \
        "$srcdir/core/sql/queries/$1.sql")
    PGUSER=nightbell_console "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -v "token=$(make_token "$2" 86400)" -v "key=$3" -v "rank=${5-}" <<END
\o /dev/null
PREPARE session (text, int) AS $(cat "$srcdir/core/sql/queries/session_start.sql");
SELECT pg_backend_pid() AS process \gset
EXECUTE session (:'token', :process);
PREPARE page AS $query;
\o
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE page (:'key', 50, false${rank:+, :'rank'});
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
