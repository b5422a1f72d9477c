#!/bin/bash
# `nightbell worker`: what is published becomes notifications and deliveries; it wakes by a doorbell, drains on SIGTERM, and
# what fails is a dead letter that names its rule.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
work() { "$builddir/nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker "$@"; }
publish() { psql_do "SELECT nightbell.publish('$ACME', '$1', '${3:-m}', '${2:-{\}}')"; }
processed() { [ "$(psql_do "SELECT processed_at IS NOT NULL FROM nightbell.outbox WHERE $1")" = t ]; }
decided() { psql_do "SELECT concat_ws(' ', d.code, d.rule_id, u.name, d.channel) FROM nightbell.decisions d LEFT JOIN nightbell.users u ON u.id = d.user_id
    WHERE d.app_event = $1 ORDER BY 1"; }
psql_do "UPDATE nightbell.users SET locale = 'de' WHERE name = 'bob'; UPDATE nightbell.users SET email = NULL WHERE name = 'carol';
    UPDATE nightbell.tenants SET settings = '{\"rate_limit\": 0}';
    INSERT INTO nightbell.notification_types (type, module, description) VALUES ('ENGINE_NOTE', 'm', 'A note');
    SELECT count(*) FROM nightbell.import_templates('$ACME', ARRAY['{\"template_code\": \"po\", \"variables\": [{\"name\": \"po\"}], \"texts\": [
        {\"channel\": \"*\", \"subject\": \"Order {{po}}\", \"body_template\": \"Order {{po}} for {{user.name}}{{nothing}}\"},
        {\"channel\": \"*\", \"locale\": \"de\", \"subject\": \"Bestellung {{po}}\", \"body_template\": \"Bestellung {{po}}\"}]}',
        '{\"template_code\": \"mail\", \"texts\": [{\"channel\": \"email\", \"body_template\": \"x\"}]}'])" >/dev/null
rules=(
    '{"rule_id": "po", "event_type": "po_*", "recipient_type": "role", "recipient_value": "operator", "notification_type": "ENGINE_NOTE", "template_code": "po", "channel": ["in_app", "email"]}'
    '{"rule_id": "ada", "event_type": "po_*", "recipient_type": "dynamic_field", "recipient_value": "$.by", "notification_type": "ENGINE_NOTE", "template_code": "po"}'
    '{"rule_id": "mail", "event_type": "mail", "recipient_type": "user", "recipient_value": "ada", "notification_type": "ENGINE_NOTE", "template_code": "mail"}'
    '{"rule_id": "none", "event_type": "mail", "recipient_type": "user", "recipient_value": "bob", "notification_type": "ENGINE_NOTE", "template_code": "missing"}'
    '{"rule_id": "urgent", "event_type": "both", "recipient_type": "user", "recipient_value": "bob", "notification_type": "ENGINE_NOTE", "template_code": "mail", "urgency": "high", "channel": ["in_app", "email"]}'
    '{"rule_id": "usual", "event_type": "both", "recipient_type": "user", "recipient_value": "bob", "notification_type": "ENGINE_NOTE", "template_code": "po", "channel": ["in_app", "email"]}'
)
said=$(for rule in "${rules[@]}"; do psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY[\$\$$rule\$\$])"; done)
is "$said" '' 'the rules are in'

run work --once
is_status 0 'with nothing to do it ends'
id=$(publish po_approved '{"po": 7, "by": "ada"}')
run work --once
is_status 0 'a chunk'
like "$err" 'worker end name=[^ ]* processed=1 failed=0' 'logs what it did'
is "$(decided "$id")" "in_app ada ada in_app
in_app po bob in_app
in_app po carol in_app
in_app po olga in_app
matched ada
matched po
no_address po carol email
queued po bob email
queued po olga email" 'everybody hears once by each channel' || diag "$(decided "$id")"
is "$(psql_do "SELECT u.name, n.title, n.message FROM nightbell.notifications n JOIN nightbell.users u ON u.id = n.user_id WHERE n.type = 'ENGINE_NOTE' AND u.name IN ('ada', 'bob') ORDER BY 1")" \
    "ada|Order 7|Order 7 for ada
bob|Bestellung 7|Bestellung 7" 'each in their language, by their name'
is "$(psql_do "SELECT detail FROM nightbell.decisions WHERE app_event = $id AND code = 'in_app' AND rule_id = 'ada'")" '{"missing": ["nothing"]}' 'what the context lacked is said'
is "$(psql_do "SELECT missing FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE u.name = 'olga'")" '{nothing}' 'on the delivery too'
id=$(publish mail)
run work --once
is "$(decided "$id")" "matched mail
matched none
no_template mail ada in_app
no_template none bob in_app" 'what has no template goes nowhere, and says so'
id=$(publish both '{"po": 3}')
run work --once
is "$(decided "$id")" "duplicate_recipient usual bob email
in_app usual bob in_app
matched urgent
matched usual
no_template urgent bob in_app
queued urgent bob email" 'a rule that has no text for a channel keeps no other from telling by it'
is "$(psql_do "SELECT detail ->> 'problem' FROM nightbell.decisions WHERE app_event = $id AND code = 'no_template'")" 'the template mail has no text for in_app' 'and why names what is missing'

# -- what fails keeps the others from nothing
after=$(publish po_late '{"po": 8}')
psql_do "CREATE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.title = ''Order 9'' THEN RAISE ''the disk is full''; END IF; RETURN NEW; END';
    CREATE TRIGGER broken BEFORE INSERT ON nightbell.notifications FOR EACH ROW EXECUTE FUNCTION public.broken()" >/dev/null
bad=$(publish po_bad '{"po": 9}')
good=$(publish po_good '{"po": 10}')
run work --once
like "$err" 'then=one-by-one' 'a chunk that fails is taken one by one'
like "$err" "app_event=$bad .*failed=.*the disk is full" 'the one that fails is named'
is "$(psql_do "SELECT attempts, processed_at, error FROM nightbell.outbox WHERE id = $bad")" '1||the disk is full' 'it is tried again later'
is "$(psql_do "SELECT count(*) FROM nightbell.outbox WHERE id IN ($after, $good) AND processed_at IS NOT NULL")" 2 'the others are done'
for _ in 1 2 3 4; do psql_do "UPDATE nightbell.outbox SET next_attempt_at = now() WHERE id = $bad" >/dev/null; run work --once; done
is "$(psql_do "SELECT attempts, dead_at IS NOT NULL FROM nightbell.outbox WHERE id = $bad")" '5|t' 'five times, then it is a dead letter'
is "$(psql_do "SELECT event_type FROM nightbell.admin_system_events WHERE event_type LIKE 'engine%' AND NOT is_resolved")" engine_dead_letters 'and operators are told'

# -- a condition that takes for ever
psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"slow\", \"event_type\": \"slow\", \"recipient_type\": \"tenant\", \"notification_type\": \"ENGINE_NOTE\",
    \"condition_expr\": \"exists(\$.a[*] ? (exists(\$.a[*] ? (exists(\$.a[*] ? (@ < 0))))))\"}'])" >/dev/null
slow=$(psql_do "SELECT nightbell.publish('$ACME', 'slow', 'm', jsonb_build_object('a', (SELECT jsonb_agg(n) FROM generate_series(1, 9000) AS n)))")
run work --once
is "$(psql_do "SELECT dead_at IS NOT NULL, error FROM nightbell.outbox WHERE id = $slow")" \
    't|the condition of the rule slow failed: canceling statement due to statement timeout' 'it is a dead letter at once, and names the rule'
is "$(decided "$slow")" 'condition_failed slow' 'which is decided'
psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"slow\", \"event_type\": \"slow\", \"recipient_type\": \"dynamic_field\", \"notification_type\": \"ENGINE_NOTE\",
    \"recipient_value\": \"\$.a[*] ? (exists(\$.a[*] ? (exists(\$.a[*] ? (@ < 0)))))\"}'])" >/dev/null
slow=$(psql_do "SELECT nightbell.publish('$ACME', 'slow', 'm', jsonb_build_object('a', (SELECT jsonb_agg(n) FROM generate_series(1, 9000) AS n)))")
run work --once
is "$(psql_do "SELECT dead_at IS NOT NULL, error FROM nightbell.outbox WHERE id = $slow")" \
    't|the recipient of the rule slow failed: canceling statement due to statement timeout' 'nor is a path to recipients that takes for ever tried again'

# -- awake by the bell, asleep without, also while another worker is at work
held=$(publish po_held '{"po": 14}')
mkfifo "$test_dir/other"
PGAPPNAME=other "$pg_bin/psql" -XqAt <"$test_dir/other" >"$test_dir/claimed" 2>&1 &
exec 7>"$test_dir/other"
echo 'BEGIN; SELECT id FROM nightbell.engine_claim(false, 10, 0);' >&7
wait_for 20 grep -qx "$held" "$test_dir/claimed" || bail_out 'the other worker has claimed nothing'
"$builddir/nightbell" --verbose --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker >"$test_dir/out" 2>"$test_dir/log" &
worker=$!
end_worker() { kill -9 $worker 2>/dev/null; }
at_exit end_worker
wait_for 20 grep -q 'worker ready' "$test_dir/log" || bail_out 'the worker is not ready'
wait_for 20 grep -q 'asleep=2000ms others_work=yes' "$test_dir/log"
is $? 0 'what another worker has in hand is looked at ever more rarely' || diag "$(cat "$test_dir/log")"
like "$(grep -o 'asleep=.*' "$test_dir/log" | head -1)" '^asleep=1000ms others_work=yes' 'first after a second'
kill_backends other >/dev/null
exec 7>&-
wait_for 40 processed "id = $held"
is $? 0 'and taken over when that one is killed'
wait_for 20 grep -qE 'asleep=[0-9]{4,}ms others_work=no' "$test_dir/log"
is $? 0 'with nothing to do it sleeps for long'
began=$(now_ms)
id=$(publish po_now '{"po": 11}')
wait_for 20 processed "id = $id"
took=$(($(now_ms) - began))
ok "woken by the bell, long before anything else would wake it" [ "$took" -lt 10000 ] || diag "$took ms"
psql_do "SET nightbell.ring = 'after'; SELECT nightbell.publish('$ACME', 'po_after', 'm', '{\"po\": 12}'); SELECT nightbell.ring()" >/dev/null
wait_for 20 processed "event_type = 'po_after'"
is $? 0 'woken by a bell apart from the writing'
kill_backends 'nightbell worker'
wait_for 20 grep -q 'database=back' "$test_dir/log"
is $? 0 'it reconnects'
id=$(publish po_back '{"po": 13}')
wait_for 20 processed "id = $id"
is $? 0 'and works on'
kill -TERM $worker
wait $worker
is $? 0 'SIGTERM ends it with 0'
like "$(tail -1 "$test_dir/log")" 'worker end name=.* processed=[0-9]+ failed=0' 'having said so'
is "$(psql_do "SELECT count(*) FROM nightbell.workers WHERE stopped_at IS NULL")" 0 'and told the database'

# -- what recurs is worked out ahead
psql_do "SELECT nightbell.import_windows('$ACME', ARRAY['{\"window\": \"nightly\", \"behaviour\": \"notices\", \"reason\": \"r\", \"starts\": \"2026-01-01T01:00\", \"ends\": \"2026-01-01T02:00\", \"rrule\": \"FREQ=DAILY\", \"until\": \"2035-01-01T00:00\"}'])" >/dev/null
is "$(psql_do "SELECT count(*) FROM nightbell.window_spans")" 0 'SQL alone cannot work out a window that recurs'
run work --once
is "$(psql_do "SELECT count(*) > 30 FROM nightbell.window_spans WHERE ends_at > now()")" t 'the worker does, for weeks ahead'

run work --concurrency 0
is_status 2 'a number of workers'
run "$builddir/nightbell" --dsn "$cluster_dsn" worker --once
is_status 4 'a client is no worker'
like "$err" 'nightbell_worker' 'and is told what it takes'
done_testing
