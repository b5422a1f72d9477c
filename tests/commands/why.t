#!/bin/bash
# `nightbell why`: what the worker decided about a published app event, a notification, a delivery and a system event, told to
# those whom it concerns and to operators, and to nobody else.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
work() { "$builddir/nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once; }
carol() { "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=carol" "$@"; } # no operator, by a login
says() { if grep -qE -- "$1" <<<"$out"; then pass "$2"; else fail "$2" "$out"; fi; }
psql_do "INSERT INTO nightbell.notification_types (type, module, description) VALUES ('WHY_NOTE', 'm', 'A note');
    INSERT INTO nightbell.preferences (tenant_id, user_id, channel, type, enabled) VALUES ('$ACME', '$CAROL', 'in_app', 'WHY_NOTE', false);
    DELETE FROM nightbell.user_roles WHERE user_id = '$CAROL' AND role = 'operator';
    CREATE ROLE carol LOGIN IN ROLE nightbell_client;
    INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id) VALUES ('carol', '$ACME', '$CAROL')"
rules=(
    '{"rule_id": "people", "event_type": "po_*", "recipient_type": "tenant", "notification_type": "WHY_NOTE", "channel": ["in_app"]}'
    '{"rule_id": "mail", "event_type": "po_*", "recipient_type": "user", "recipient_value": "ada", "notification_type": "WHY_NOTE", "channel": ["email"]}'
    '{"rule_id": "large", "event_type": "po_*", "recipient_type": "tenant", "notification_type": "WHY_NOTE", "condition_expr": "$.amount > 100"}'
    '{"rule_id": "alarm", "event_type": "test_event", "recipient_type": "user", "recipient_value": "ada", "notification_type": "WHY_NOTE"}'
)
said=$(for rule in "${rules[@]}"; do psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY[\$\$$rule\$\$])"; done)
is "$said" '' 'the rules are in'
id=$(psql_do "SELECT nightbell.publish('$ACME', 'po_approved', 'm', '{\"amount\": 7}')")
run person ada "$nightbell" why "app:$id"
is_status 3 'before the worker has decided there is nothing'
like "$err" 'not decided yet' 'and it says what may be the reason'
run person ada "$nightbell" why "$id"
like "$err" "what an application published is app:$id" 'a number alone is that of a system event, which it says'
work 2>"$test_dir/log"
is $? 0 'the worker decides' || diag "$(cat "$test_dir/log")"

run person ada "$nightbell" why "app:$id"
is_status 0 'she who heard'
says '^20[0-9-]+ [0-9:]+  yes    it is in your inbox$' 'is told so'
says '^    to change it: preferences for in_app' 'with what would change it'
run carol why "app:$id"
is_status 0 'she who did not hear'
says '^20[0-9-]+ [0-9:]+  no     your preferences say no to it by in_app$' 'is told why'
says '^    to change it: the person says nightbell prefs set WHY_NOTE.in_app=on$' 'and what would change it'
is "$(carol why "app:$id" --json | jq -r .user_name | sort -u)" carol 'she sees what was decided about her alone'
run person bob "$nightbell" why "app:$id"
says '  no     carol does not want it by in_app$' 'an operator is told about her'
says '  yes    it is in the inbox of ada, by the rule people$' 'and about others'
says '  yes    it is in your inbox$' 'about himself as himself'
says '  no     the rule large did not apply: its condition was not met: .*100\)$' 'and which rule did not apply'
run person bob "$nightbell" why "app:$id" --json
is "$(jq -r 'select(.user_name == "carol") | [.subject, .subject_id, .app_event, .event_type, .channel, .rule_id, .code, .outcome, .detail.type, .is_own] | @tsv' <<<"$out")" \
    "app_event	$id	$id	po_approved	in_app	people	opted_out	no	WHY_NOTE	false" 'the rows, as JSON'
is "$(jq -r 'select(.code == "opted_out") | .sentence' <<<"$out")" 'carol does not want it by in_app' 'with the sentence'

# -- by the other ids
row=$(psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$ADA' AND type = 'WHY_NOTE'")
run person ada "$nightbell" why "${row^^}"
says '  yes    it is in your inbox$' 'by the id of the notification'
delivery=$(psql_do "SELECT id FROM nightbell.deliveries WHERE user_id = '$ADA' AND channel = 'email'")
run person ada "$nightbell" why "$delivery"
says '  yes    it is on its way to you by email$' 'by the id of the delivery'
run person bob "$nightbell" why "$delivery"
says '  yes    it is on its way to ada by email, by the rule [a-z]+$' 'to an operator, too'
unlike "$out" 'bob|carol|olga| you' 'and only what concerns whom it is for'
run carol why "$row"
is "$(jq -rs 'map(.user_name) | unique | join(" ")' < <(carol why "$row" --json))" carol "of another's notification one sees what was decided about oneself"
event=$(raise high 'a fire')
work 2>"$test_dir/log"
run person bob "$nightbell" why "$event"
is_status 0 'by the number of a system event'
says '  yes    it is in the inbox of ada, by the rule alarm$' 'whom it told'

# -- nothing for others
for thing in "app:$id" "$row" "$delivery" "$event"; do
    run person mallory "$nightbell" why "$thing"
    is_status 3 "to another tenant ${thing%%:*} is nothing"
    is "$out" '' 'not a line'
done
run person olga "$nightbell" why "app:$id"
says ' carol does not want it by in_app$' 'a global operator sees it'
for thing in x 0 01 app: app:x -1 99999999999999999999 "$id;"; do
    run person ada "$nightbell" why -- "$thing"
    is_status 2 "\"$thing\" is no id"
done
done_testing
