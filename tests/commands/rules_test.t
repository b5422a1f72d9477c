#!/bin/bash
# `nightbell rules test`: who would hear of an app event, by which channel and with which text, and who would not and why; and it
# is true: publishing the same afterwards does exactly that. Nothing of the test stays.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker;
    UPDATE nightbell.users SET locale = 'de' WHERE name = 'bob'; UPDATE nightbell.users SET email = NULL WHERE name = 'carol';
    INSERT INTO nightbell.notification_types (type, module, description) VALUES ('ENGINE_NOTE', 'm', 'A note');
    INSERT INTO nightbell.preferences (tenant_id, user_id, type, channel, enabled) VALUES ('$ACME', '$OLGA', 'ENGINE_NOTE', 'email', false);
    INSERT INTO nightbell.user_settings (tenant_id, user_id, dnd_until) VALUES ('$ACME', '$BOB', '2099-01-01T00:00Z');
    SELECT count(*) FROM nightbell.import_templates('$ACME', ARRAY['{\"template_code\": \"po\", \"texts\": [
        {\"channel\": \"*\", \"subject\": \"Order {{po}}\", \"body_template\": \"Order {{po}} for {{user.name}}\"},
        {\"channel\": \"*\", \"locale\": \"de\", \"subject\": \"Bestellung {{po}}\", \"body_template\": \"Bestellung {{po}}\"}]}'])" >/dev/null
rules=(
    '{"rule_id": "po", "event_type": "po_*", "recipient_type": "role", "recipient_value": "operator", "notification_type": "ENGINE_NOTE", "template_code": "po", "channel": ["in_app", "email"], "condition_expr": "$.amount > 100"}'
    '{"rule_id": "by", "event_type": "po_*", "module": "m", "recipient_type": "dynamic_field", "recipient_value": "$.by", "notification_type": "ENGINE_NOTE", "template_code": "po"}'
    '{"rule_id": "off", "event_type": "*", "recipient_type": "tenant", "notification_type": "ENGINE_NOTE", "is_active": false}'
)
said=$(for rule in "${rules[@]}"; do psql_do "SELECT message FROM nightbell.import_rules('$ACME', ARRAY[\$\$$rule\$\$])"; done)
is "$said" '' 'the rules are in'
trial() { "$nightbell" --dsn "$cluster_admin_dsn" --tenant acme rules test "$@"; }
rows() { psql_do "SELECT (SELECT count(*) FROM nightbell.outbox), (SELECT count(*) FROM nightbell.decisions), (SELECT count(*) FROM nightbell.notifications),
    (SELECT count(*) FROM nightbell.deliveries), (SELECT count(*) FROM nightbell.dedup_windows)"; }
before=$(rows)

run trial --event po_approved --module m --context '{"po": 7, "amount": 150, "by": ["ada", "nobody"]}'
is_status 0 'a test'
is "$out" 'note   the rule by applied
note   the rule po applied
no     the rule off is switched off
       to change it: an administrator switches it on: is_active of the rule, by nightbell rules import
no     the rule by names nobody who is here: nobody, there is no such user
       to change it: an administrator corrects the rule'"'"'s recipient, or adds the user or group; what is published has to name somebody where the rule takes the recipient from the context
no     olga does not want it by email
       to change it: the person says nightbell prefs set ENGINE_NOTE.email=on
no     carol has no address for email
       to change it: an address or device for email is added to the user
later  bob asked not to be disturbed by email until 2099-01-01 00:00:00
       | Bestellung 7
yes    it is in the inbox of ada, by the rule by
       | Order 7
       | Order 7 for ada
yes    it is in the inbox of bob, by the rule po
       | Bestellung 7
yes    it is in the inbox of carol, by the rule po
       | Order 7
       | Order 7 for carol
yes    it is in the inbox of olga, by the rule po
       | Order 7
       | Order 7 for olga' 'says who gets what, who does not, and why'
is "$(rows)" "$before" 'nothing of it stays'

run trial --event po_approved --module m --context '{"po": 7, "amount": 150}' --user BOB --json
is "$(jq -c 'select(.user_name) | [.user_name, .channel, .outcome, .code, .rule_id, .text.body, .text.locale]' <<<"$out")" \
    '["bob","email","later","do_not_disturb","po","Bestellung 7","de"]
["bob","in_app","yes","in_app","po","Bestellung 7","de"]' 'as JSON, for one person'
run trial --event po_approved --context '{"amount": 1, "by": "ada"}'
is "$(grep -v 'to change it' <<<"$out")" 'no     the rule off is switched off
no     the rule po did not apply: its condition was not met: ($."amount" > 100)' 'a rule of a module needs the module, and a condition what it asks for'
psql_do "SELECT nightbell.delete_rule('$ACME', 'off')" >/dev/null
run trial --event nothing
is "$out$err" 'nobody would hear of it: no rule is for nothing' 'nobody would hear'
run trial --event po_approved --user nobody
is_status 3 'a person who is not there'
run trial
is_status 2 'an event is needed'
run trial --event 'po *'
is_status 1 'a type that is none'
like "$err" 'blank' 'is told so'
run trial --event po_approved --context '{"po": }'
is_status 2 'a context that is no JSON'

# the window, and an audience of more than a thousand
run "$nightbell" --dsn "$cluster_admin_dsn" --tenant acme windows start --type 'po_*' --for 1h --reason 'moving'
is_status 0 'a window'
run trial --event po_approved --module m --context '{"po": 7, "amount": 150}'
like "$out" '^later *the maintenance window [^ ]* held it until' 'would hold it'
psql_do "DELETE FROM nightbell.window_spans; DELETE FROM nightbell.windows"
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) SELECT '$ACME', gen_random_uuid(), 'many ' || n FROM generate_series(1, 1200) AS n;
    SELECT message FROM nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"all\", \"event_type\": \"all\", \"recipient_type\": \"tenant\", \"notification_type\": \"ENGINE_NOTE\"}'])" >/dev/null
run trial --event all
is "$(grep -c '^yes' <<<"$out")" 1000 'a thousand are asked for'
like "$err$out" 'there are more recipients' 'and it says that there are more'

# an administrator of the tenant needs no more than a token; nobody else may
psql_do "UPDATE nightbell.users SET name = name WHERE false; INSERT INTO nightbell.user_roles (tenant_id, user_id, role) VALUES ('$ACME', '$CAROL', 'admin') ON CONFLICT DO NOTHING"
run env NIGHTBELL_TOKEN_FILE="$(token_file olga)" "$nightbell" --dsn "$cluster_dsn" --tenant acme rules test --event po_approved --module m --context '{"po": 7, "by": "ada"}' --user ada
is_status 0 'an administrator with a token'
like "$out" 'it is in the inbox of ada, by the rule by' 'is told'
run person bob "$nightbell" rules test --event po_approved
is_status 4 'an operator may not'
is "$(rows)" "$before" 'and nothing has stayed'

# publishing the same does what the test said
now=$("$nightbell" --dsn "$cluster_admin_dsn" --tenant acme --json rules test --event po_approved --module m --context '{"po": 7, "amount": 150, "by": "ada"}' |
    jq -r '[.code, .rule_id, .user_name, .channel] | map(. // "-") | join(" ")' | sort)
id=$(psql_do "SELECT nightbell.publish('$ACME', 'po_approved', 'm', '{\"po\": 7, \"amount\": 150, \"by\": \"ada\"}')")
run "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once
is "$(psql_do "SELECT concat_ws(' ', d.code, coalesce(d.rule_id, '-'), coalesce(u.name, '-'), coalesce(d.channel, '-')) FROM nightbell.decisions d
    LEFT JOIN nightbell.users u ON u.id = d.user_id WHERE d.app_event = $id" | LC_ALL=C.UTF-8 sort)" "$now" 'publishing it does exactly that'
run trial --event po_approved --module m --context '{"po": 7, "amount": 150, "by": "ada"}' --user ada
like "$out" 'ada has it already' 'and the same again would be a repetition'
done_testing
