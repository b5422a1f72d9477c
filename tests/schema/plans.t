#!/bin/bash
# A page is read the same way from an inbox of a thousand rows as from one of two hundred thousand (the bench looks at ten million).
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
        DELETE FROM nightbell.users WHERE id::text LIKE '%be0_'; DROP SCHEMA IF EXISTS bench CASCADE" 2>/dev/null
    local part psql=("$pg_bin/psql" -Xq -v ON_ERROR_STOP=1 -v ACME=$ACME -v APP=$APP)
    "${psql[@]}" -v thousand=1000 -v million="$1" -v tenmillion="$2" -f "$srcdir/bench/load_begin.sql" &&
        for part in 0 1; do "${psql[@]}" -v part=$part -f "$srcdir/bench/load_rows.sql" || return 1; done &&
        "${psql[@]}" -f "$srcdir/bench/load_end.sql" && psql_do 'VACUUM ANALYZE'
}

cluster_start
load 1 1
reader=00000000-0000-4000-8000-00000000be01
is "$(page_plan inbox_page_older $reader $newest | plan_shape)" "$wanted" "the newest page of 1,000 rows"
is "$(page_plan inbox_page_newer $reader $oldest | plan_shape)" "$wanted" "the oldest page"

load 1000 200000
reader=00000000-0000-4000-8000-00000000be03
deep=$(psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$reader' ORDER BY id OFFSET 1000 LIMIT 1")
is "$(page_plan inbox_page_older $reader $newest | plan_shape)" "$wanted" "the newest page of 200,000 rows"
is "$(page_plan inbox_page_newer $reader $oldest | plan_shape)" "$wanted" "the oldest page"
is "$(page_plan inbox_page_older $reader "$deep" | plan_shape)" "$wanted" "a page in the depth, older"
is "$(page_plan inbox_page_newer $reader "$deep" | plan_shape)" "$wanted" "and newer"
is "$(page_plan inbox_page_older $reader "$deep" | grep -o 'on notifications_.*rows=[0-9]*' | grep -o '[0-9]*$' | awk '{ n += $1 } END { print (n >= 50 && n <= 100 ? "a page" : n " rows") }')" \
    "a page" "which reads no more than it shows"

# An act on one row and a new notification do not read the reader's other rows either; the planner has no statistics of whose they are.
# Buffer pages that a statement reads once its plan is cached: the least of five runs. Reading everything would be 650 pages for an
# act (a month's rows) and 10,000 for the changes.
pages_read() {
    local statement="EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) $2"
    PGUSER=$1 PGOPTIONS="-c nightbell.token=$([ "$1" = nightbell_console ] && make_token "$reader")" \
        "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$statement" -c "$statement" -c "$statement" -c "$statement" -c "$statement" |
        awk '/^[^ ]/ { fresh = !/^Planning/ } fresh && /Buffers/ { fresh = 0; n = 0; while (match($0, /(hit|read)=[0-9]+/)) {
                 split(substr($0, RSTART, RLENGTH), part, "="); n += part[2]; $0 = substr($0, RSTART + RLENGTH) }
             if (least == "" || n < least) least = n } END { print least + 0 }'
}
few() {
    local pages limit=${4:-400}
    pages=$(pages_read "$2" "$3")
    [ "$pages" -gt 0 ] && [ "$pages" -lt "$limit" ] || diag "$pages pages"
    ok "$1" [ "$pages" -gt 0 -a "$pages" -lt "$limit" ]
}
few "marking a row read" nightbell_console "SELECT * FROM nightbell.inbox_set_state('read', '{$deep}', ARRAY[now()])"
few "an action of a row" nightbell_console "SELECT * FROM nightbell.inbox WHERE id = '$deep'"
few "its detail" nightbell_console "$(grep -v '^--' "$srcdir/core/sql/queries/inbox_keys.sql" | sed "s/\$1/'{$deep}'/g; s/^ *-- .*//")"
few "a notification to the reader" nightbell_producing "SELECT nightbell.notify('$ACME', '$reader', 'TEST_NOTE', 'one more ' || clock_timestamp(), 'm')"
for all in false true; do
    few "what changed since a look, with what does not match: $all" nightbell_console "$(grep -v '^--' "$srcdir/core/sql/queries/inbox_changes.sql" | sed "s|/\*filter\*/||; s/\$1/'$(psql_do 'SELECT pg_current_snapshot()')'/g; s/\$2/NULL/g
        s/\$3/'$oldest'/g; s/\$4/100/g; s/\$5/false/g; s/\$6/NULL/g; s/\$7/$all/g")" 2000
done

# A look reads neither the announcements that did not change nor other people's receipts of them.
psql_do "INSERT INTO nightbell.announcements (id, tenant_id, type, title, message) SELECT nightbell.uuidv7(), '$ACME', 'TEST_NOTE', 'one of many ' || n, 'm' FROM generate_series(1, 20000) n;
    INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at) SELECT tenant_id, id, '$ADA', now() FROM nightbell.announcements;
    INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at) SELECT tenant_id, id, '$reader', now() FROM nightbell.announcements; ANALYZE"
look=$(psql_do 'SELECT pg_current_snapshot()')
psql_do "UPDATE nightbell.announcements SET link = 'https://example.org/1' WHERE title = 'one of many 1';
    UPDATE nightbell.receipts SET archived_at = now() FROM nightbell.announcements a WHERE a.id = notification_id AND title = 'one of many 2'"
is "$(PGOPTIONS="-c nightbell.token=$(make_token "$reader")" psql_as nightbell_console "SELECT count(*) FROM nightbell.announcement_changes('$look', NULL, '$oldest', NULL, pg_snapshot_xmin('$look'), pg_snapshot_xmax(pg_current_snapshot()))")" 2 \
    "two announcements of 20,000 changed"
few "and they are found" nightbell_console "SELECT * FROM nightbell.announcement_changes('$look', NULL, '$oldest', NULL, pg_snapshot_xmin('$look'), pg_snapshot_xmax(pg_current_snapshot()))"
few "how many are new" nightbell_console "$(grep -v '^--' "$srcdir/core/sql/queries/inbox_count_new.sql" | sed "s|/\*filter\*/||g; s/\$1/'$look'/g; s/\$2/'$oldest'/g")"

# Functions that every statement or every notification calls are written in SQL so that PostgreSQL inlines them: others are planned
# at each call.
for call in "sees_what_ends()" "token_digest(x)" "reads_back(a)" "uuidv7_floor(t)" "slot_lock(u, u)" "dedup_digest(u, x, x, x, x, x)" \
    "doorbell_payload(x, x, n)" "may_produce_for(p, u)"; do
    unlike "$(psql_do "EXPLAIN (VERBOSE, COSTS OFF) SELECT nightbell.$call FROM (SELECT random()::text AS x, ARRAY[random()::text] AS a, now() + random() * interval '1 s' AS t,
        gen_random_uuid() AS u, (random() * 9)::bigint AS n, (gen_random_uuid(), random() > 0.5, ARRAY[random()::text], NULL)::nightbell.producer AS p OFFSET 0) AS given" |
        grep '^  Output' | head -1)" "${call%%(*}" "${call%%(*}() is taken in"
done

# The keys of doorbells are computed with a generic plan: their arguments differ at each call, and a custom plan would be made each time.
server_stop && cluster_options="$cluster_options -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=all -c pg_stat_statements.track_planning=on"
server_start && psql_do "CREATE EXTENSION pg_stat_statements"
ring='SELECT nightbell.ring()'
produce="SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'one of many ' || clock_timestamp(), 'm')"
for how in after commit; do
    PGUSER=nightbell_producing PGOPTIONS="-c nightbell.ring=$how" "$pg_bin/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null <<<"
        $(for ((i = 0; i < 8; i++)); do echo "$produce; $ring;"; done)
        \\c - postgres
        SELECT pg_stat_statements_reset();
        \\c - nightbell_producing
        $(for ((i = 0; i < 30; i++)); do echo "$produce; $ring;"; done)"
    is "$(psql_do "SELECT query FROM pg_stat_statements WHERE NOT toplevel AND plans >= 10")" "" "ringing $how plans nothing at a call"
done
done_testing
