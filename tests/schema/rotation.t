#!/bin/bash
# The default partition is emptied under people who read and programs that produce: nobody gets an error, nobody waits long,
# no row is lost or seen twice.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"

cluster_start
export NIGHTBELL_DSN=$cluster_admin_dsn

# Partitions were not rotated for a long time: this month has none.
psql_do "DO \$\$ DECLARE p regclass; BEGIN
    FOR p IN SELECT partition FROM nightbell.partitions() WHERE NOT is_default LOOP EXECUTE format('DROP TABLE %s', p); END LOOP; END \$\$"
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    SELECT nightbell.uuidv7_at(now() - n * interval '1 millisecond'), '$ACME', '$ADA', 'TEST_NOTE', 'before ' || n, 'm' FROM generate_series(1, 30000) AS n"
run "$nightbell" db status
like "$out" 'partition none for now' "db status says that none is there for now"
like "$out" '30000 rows in the default one: nightbell db rotate-partitions moves them' "and what lies in the default one"

# Programs that produce, and a person who counts their rows, all the while.
cat >"$test_dir/produce.sql" <<END
SELECT nightbell.notify('$ACME', '$BOB', 'TEST_NOTE', 'number ' || :client_id || ' ' || random(), 'm');
END
cat >"$test_dir/count.sql" <<END
DO \$\$ BEGIN IF (SELECT count(*) FROM nightbell.notifications WHERE user_id = '$ADA') <> 30000 THEN RAISE 'rows are missing'; END IF; END \$\$;
END
PGUSER=nightbell_producing "$pg_bin/pgbench" -n -c 4 -t 400 -f "$test_dir/produce.sql" >"$test_dir/producing" 2>&1 &
producing=$!
"$pg_bin/pgbench" -n -c 1 -T 6 -f "$test_dir/count.sql" >"$test_dir/counting" 2>&1 &
counting=$!
produces() { [ "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$BOB'")" -gt 50 ]; }
wait_for 10 produces
run "$nightbell" db rotate-partitions --json
is_status 0 "a rotation under load"
is "$(jq '.moved >= 30000 and .made >= 2' <<<"$out")" true "moves them, and makes those of the months to come"
wait $producing
is $? 0 "every program got through"
wait $counting
is $? 0 "the reader never missed a row"
diag "$(grep -h 'latency average' "$test_dir/producing" "$test_dir/counting")"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$BOB'")" 1600 "nothing that was produced is lost"
"$nightbell" --quiet db rotate-partitions
is "$(psql_do 'SELECT count(*) FROM nightbell.notifications_default')" 0 "the default partition is empty"
is "$(psql_do "SELECT count(*) FROM nightbell.partitions() WHERE nightbell.uuidv7() >= lower_id AND nightbell.uuidv7() < upper_id")" 1 "now has a partition"
like "$(psql_do "EXPLAIN (COSTS OFF) SELECT id FROM nightbell.notifications WHERE tenant_id = '$ACME' AND user_id = '$ADA' AND deleted_at IS NULL ORDER BY id DESC LIMIT 50")" \
    'Index (Only )?Scan' "pages are read by index"
is "$(psql_do 'SELECT count(*) FROM nightbell.security_report()')" 0 "everything is protected as before"

# A long transaction holds the lock that the rotation needs: the rotation tries again and again, and succeeds when it has ended.
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    SELECT nightbell.uuidv7_at(now() - interval '100 days'), '$ACME', '$ADA', 'TEST_NOTE', 'old', 'm'"
mkfifo "$test_dir/long"
"$pg_bin/psql" -Xq <"$test_dir/long" >/dev/null &
exec 5>"$test_dir/long"
echo 'BEGIN; SELECT count(*) FROM nightbell.notifications;' >&5
idle() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")" = 1 ]; }
wait_for 10 idle
"$nightbell" db rotate-partitions --json >"$test_dir/rotated" 2>&1 &
rotating=$!
given_way() { grep -q 'lock timeout' "$cluster_dir/server.log"; }
ok "it does not wait for long" wait_for 10 given_way
before=$(now_ms)
ok "and lets others pass" psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'passing', 'm')"
diag "that took $(($(now_ms) - before)) ms"
echo 'COMMIT;' >&5
exec 5>&-
wait $rotating
is $? 0 "it goes through when the transaction has ended"
is "$(jq -c .moved "$test_dir/rotated")" 1 "with what it had to do"
done_testing
