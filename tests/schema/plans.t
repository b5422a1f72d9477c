#!/bin/bash
# A page is read the same way from an inbox of a thousand rows as from one of a hundred thousand (the bench looks at ten million).
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/plan.sh"

newest=ffffffff-ffff-ffff-ffff-ffffffffffff
oldest=00000000-0000-0000-0000-000000000000
wanted="Index Scan on a partition
Merge Append
by tenant, user and id"
load() {
    psql_do "SET session_replication_role = replica; DELETE FROM nightbell.notifications; DELETE FROM nightbell.user_roles WHERE user_id::text LIKE '%be0_';
        DELETE FROM nightbell.users WHERE id::text LIKE '%be0_'"
    "$pg_bin/psql" -Xq -v ON_ERROR_STOP=1 -v ACME=$ACME -v APP=$APP -v thousand=1000 -v million=$1 -v tenmillion=$2 \
        -f "$srcdir/bench/load.sql" && psql_do 'VACUUM ANALYZE'
}

cluster_start
load 1 1
reader=00000000-0000-4000-8000-00000000be01
is "$(page_plan inbox_page_older $reader $newest | plan_shape)" "$wanted" "the newest page of 1,000 rows"
is "$(page_plan inbox_page_newer $reader $oldest | plan_shape)" "$wanted" "the oldest page"

load 1000 100000
reader=00000000-0000-4000-8000-00000000be03
deep=$(psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$reader' ORDER BY id OFFSET 1000 LIMIT 1")
is "$(page_plan inbox_page_older $reader $newest | plan_shape)" "$wanted" "the newest page of 100,000 rows"
is "$(page_plan inbox_page_newer $reader $oldest | plan_shape)" "$wanted" "the oldest page"
is "$(page_plan inbox_page_older $reader "$deep" | plan_shape)" "$wanted" "a page in the depth, older"
is "$(page_plan inbox_page_newer $reader "$deep" | plan_shape)" "$wanted" "and newer"
is "$(page_plan inbox_page_older $reader "$deep" | grep -o 'on notifications_.*rows=[0-9]*' | grep -o '[0-9]*$' | awk '{ n += $1 } END { print n >= 50 && n <= 2 * 50 ? "a page" : n }')" \
    "a page" "which reads no more than it shows"
done_testing
