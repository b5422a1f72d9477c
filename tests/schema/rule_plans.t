#!/bin/bash
# What the engine looks up for every app event is found by an index, however many rules and app events there are: the plans that
# its functions run, among ten rules and among ten thousand.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"

cluster_start
rules() { # HOW-MANY: rules of as many events, one of them for po_approved
    psql_do "SET session_replication_role = replica; DELETE FROM nightbell.rules;
        INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, notification_type, condition_expr, urgency)
        SELECT t.id, 'rule-' || i, CASE i WHEN 7 THEN 'po_*' ELSE 'event_' || i || CASE i % 3 WHEN 0 THEN '*' ELSE '' END END, 'tenant', 'TEST_NOTE', '\$.amount > 100000',
            (ARRAY['low', 'critical'])[1 + i % 2]::nightbell.urgency
        FROM unnest('{$ACME,$GLOBEX}'::uuid[]) AS t (id), generate_series(1, $1) AS i" && psql_do 'VACUUM ANALYZE nightbell.rules'
}
# The plan of what a call runs on a table: by which index, by which condition; and whether that throws rows away. The function
# is called once before, so that its plan stands.
plan_of() { # TABLE CALL
    PGOPTIONS="-c client_min_messages=log" "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 <<END 2>&1 >/dev/null |
LOAD 'auto_explain';
SELECT count(*) FROM $2 \\g /dev/null
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_nested_statements = on;
SELECT count(*) FROM $2;
END
        awk -v table="$1" '
            { line = $0; sub(/^ *(->)? */, "", line); sub(/ +\(cost.*/, "", line) }
            /->/ { here = 0 }
            $0 ~ " on " table " " { here = 1; print line; next }
            here && /Index Cond/ { gsub(/\$[0-9]+|'"'[^']*'::[a-z ]+"'/, "?", line); print line; next }
            here && /Rows Removed by/ { print "reads what it throws away" }'
}
few_pages() { # NAME CALL
    local pages
    pages=$(for _ in 1 2; do echo "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM $2;"; done | "$pg_bin/psql" -XqAt |
        awk '/^[^ ]/ { fresh = !/^Planning/ } fresh && /Buffers/ { fresh = 0; n = 0; while (match($0, /(hit|read)=[0-9]+/)) {
            split(substr($0, RSTART, RLENGTH), part, "="); n += part[2]; $0 = substr($0, RSTART + RLENGTH) } last = n } END { print last + 0 }')
    ok "$1: $pages pages" [ "$pages" -gt 0 -a "$pages" -lt "$3" ]
}

match="nightbell.match_rules('$ACME', 'po_approved', 'm', '{\"amount\": 150000}')"
critical="nightbell.is_critical_event('$ACME', 'po_approved')"
stored="nightbell.outbox_put('$ACME', 'nobody_asks', '{}', false, 'event', '1')"
one_by_one="Index Cond: ((tenant_id = ?) AND (event_type = c.pattern))"
for many in 10 10000; do
    rules $many
    is "$(psql_do "SELECT (rule).rule_id, code FROM $match")" 'rule-7|matched' "the one of $many"
    is "$(plan_of rules "$match")" "Index Scan using rules_event on rules r
$one_by_one" "is found by its name's candidates among $many rules"
    few_pages "which" "$match" 60
    is "$(plan_of rules "$critical")" "Index Only Scan using rules_critical on rules r
$one_by_one" "so is whether one is critical"
    few_pages "which" "$critical" 60
    is "$(plan_of rules "$stored")" "Index Scan using rules_event on rules r
$one_by_one" "and whether any rule asks for a system event"
    few_pages "which" "$stored" 60
done

# A worker claims what is due from the beginning of an index, in its order, and asks there what comes next.
psql_do "SET session_replication_role = replica;
    INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, critical, next_attempt_at, processed_at)
    SELECT '$ACME', 'e', 'm', '{}', now(), i % 10 = 0, CASE WHEN i % 2 = 0 THEN now() - i * interval '1 s' END, CASE WHEN i % 2 = 1 THEN now() END
    FROM generate_series(1, 40000) AS i" && psql_do 'VACUUM ANALYZE nightbell.outbox'
is "$(plan_of outbox "nightbell.engine_claim(false, 10, 0)")" "Index Scan using outbox_due on outbox o
Index Cond: ((critical = false) AND (next_attempt_at <= ?))" "ten of 16,000 that are due"
few_pages "which" "nightbell.engine_claim(false, 10, 0)" 200
few_pages "what a worker waits for" "nightbell.engine_waits()" 100
done_testing
