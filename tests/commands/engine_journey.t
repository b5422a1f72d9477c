#!/bin/bash
# The whole way: an installation from a folder of files; an order published from psql reaches its approvers and who made it, each
# in their language, not the one who opted out, later and as a digest the one whose hours are quiet; a source that flaps in a
# maintenance window pages nobody, and once when it ends; all of it can be asked about; and the same installation again from what
# export-config writes. Time is the worker's: its clock is set.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
began=$(psql_do "SELECT date_trunc('minute', now())")
later() { psql_do "SELECT to_char(('$began'::timestamptz + interval '$1') AT TIME ZONE 'UTC', '${2:-YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"}')"; }
# The worker at a time: all that is due, and what its duties bring about.
work_at() {
    local turn
    for turn in 1 2; do
        "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working options=-cnightbell.clock=$(later "$1")" worker --once 2>>"$test_dir/log" ||
            fail "a worker at $1: $(tail -3 "$test_dir/log")"
    done
}
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="host=$cluster_dir dbname=${database:-nightbell} user=nightbell_administrator" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
inbox_of() { psql_do "SELECT n.title FROM nightbell.notifications n JOIN nightbell.users u ON u.id = n.user_id WHERE u.name = '$1' ORDER BY n.id"; }
mail_of() { psql_do "SELECT concat_ws('|', d.type, d.status, d.held_for, d.subject) FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE u.name = '$1' AND d.channel = 'email' ORDER BY d.id"; }

# -- the installation
folder=$test_dir/folder
mkdir "$folder"
cat >"$folder/purchasing.yaml" <<END
users:
  - {id: $ADA, name: ada, email: ada@acme.example, locale: pt-BR, time_zone: America/Sao_Paulo, roles: [user]}
  - {id: $BOB, name: bob, email: bob@acme.example, locale: de, time_zone: UTC, roles: [user, operator]}
  - {id: $CAROL, name: carol, email: carol@acme.example, locale: en, time_zone: UTC, roles: [user, operator]}
types:
  - {type: JOURNEY_ORDER, module: purchasing, description: An order was approved}
  - {type: JOURNEY_LINK, module: system, description: A line is down, urgency: high}
templates:
  - template_code: order
    variables: [{name: po.id}, {name: amount, type: number}]
    texts:
      - {channel: "*", subject: "Order {{po.id}} approved", body_template: "{{user.name}}: {{amount}}"}
      - {channel: "*", locale: de, subject: "Bestellung {{po.id}} genehmigt", body_template: "{{user.name}}: {{amount}}"}
      - {channel: "*", locale: pt, subject: "Pedido {{po.id}} aprovado", body_template: "{{user.name}}: {{amount}}"}
rules:
  - rule_id: approvers
    event_type: po_approved
    module: purchasing
    condition_expr: \$.amount > 100000
    recipient_type: role
    recipient_value: operator
    channel: [in_app, email]
    notification_type: JOURNEY_ORDER
    template_code: order
  - rule_id: creator
    event_type: po_approved
    recipient_type: dynamic_field
    recipient_value: \$.po.created_by
    channel: [in_app, email]
    notification_type: JOURNEY_ORDER
    template_code: order
END
cat >"$folder/operations.yaml" <<END
windows:
  - {window: line-works, behaviour: notices, event_type: "link_*", time_zone: UTC, starts: "$(later '-1 hour' 'YYYY-MM-DD"T"HH24:MI')", ends: "$(later '2 hours' 'YYYY-MM-DD"T"HH24:MI')", reason: the provider works on the line}
rules:
  - {rule_id: lines, event_type: "link_*", module: system, recipient_type: role, recipient_value: operator, channel: [in_app], notification_type: JOURNEY_LINK}
END
admin apply "$folder"
is_status 0 'the folder becomes the installation'
psql_person carol "SELECT nightbell.set_preferences('{\"preferences\": [{\"type\": \"JOURNEY_ORDER\", \"channel\": \"in_app\", \"enabled\": false}, {\"type\": \"JOURNEY_ORDER\", \"channel\": \"email\", \"enabled\": false}]}')" >/dev/null
psql_person bob "SELECT nightbell.set_preferences('{\"quiet\": {\"from\": \"$(later '-1 hour' HH24:MI)\", \"to\": \"$(later '3 hours' HH24:MI)\"}, \"digest\": \"daily\", \"digest_at\": \"$(later '4 hours' HH24:MI)\"}')" >/dev/null

# -- an order
admin rules test --event po_approved --module purchasing --context '{"po": {"id": "P-7", "created_by": "ada@acme.example"}, "amount": 150000}' --json
foreseen=$(jq -r 'select(.user_name) | [.user_name, .channel, .code] | join(" ")' <<<"$out" | sort)
order() { psql_as nightbell_producing "SELECT nightbell.publish('$ACME', 'po_approved', 'purchasing', '{\"po\": {\"id\": \"$1\", \"created_by\": \"ada@acme.example\"}, \"amount\": $2}')"; }
first=$(order P-7 150000)
small=$(order P-8 900)
order P-9 250000 >/dev/null
work_at '1 minute'
is "$(inbox_of ada)" 'Pedido P-7 aprovado
Pedido P-8 aprovado
Pedido P-9 aprovado' 'who made the orders hears of each, in the language that hers comes from'
is "$(inbox_of bob)" 'Bestellung P-7 genehmigt
Bestellung P-9 genehmigt' 'an approver of the large ones, in his'
is "$(inbox_of olga)" 'Order P-7 approved
Order P-9 approved' 'another in the language that is left'
is "$(inbox_of carol)" '' 'not the one who opted out'
is "$(mail_of ada)" 'JOURNEY_ORDER|queued|Pedido P-7 aprovado
JOURNEY_ORDER|queued|Pedido P-8 aprovado
JOURNEY_ORDER|queued|Pedido P-9 aprovado' 'what leaves by e-mail waits for its channel'
is "$(mail_of bob)" 'JOURNEY_ORDER|held|quiet_hours|Bestellung P-7 genehmigt
JOURNEY_ORDER|held|quiet_hours|Bestellung P-9 genehmigt' 'his hours are quiet: that is held'
is "$(psql_do "SELECT concat_ws(' ', u.name, d.channel, d.code) FROM nightbell.decisions d JOIN nightbell.users u ON u.id = d.user_id WHERE d.app_event = $first ORDER BY 1")" \
    "$foreseen" 'it is what the test of the rules has said'

# -- why, and why not
run person carol "$nightbell" why "app:$first"
like "$out" 'no +your preferences say no to it by email' 'she is told why she did not hear'
like "$out" 'to change it: .*nightbell prefs set JOURNEY_ORDER\.email=on' 'and what would change it'
run person bob "$nightbell" why "app:$first"
like "$out" 'no +carol does not want it by email' 'so is an operator'
like "$out" 'later +your quiet hours hold it back by email until' 'and he why he has it later'
run person bob "$nightbell" why "app:$small"
like "$out" 'the rule approvers did not apply: its condition was not met' 'and why a small order did not concern the approvers'
run person ada "$nightbell" why "app:$first"
unlike "$out" 'carol|bob' 'who is no operator is told of nobody else'
run person ada "$nightbell" inbox list
like "$out" 'Pedido P-7 aprovado' 'her inbox shows it'

# -- a line that flaps while it is worked on
link() { psql_as nightbell_producing "SELECT nightbell.raise_event('link_down', 'high', 'port 7 is down', tenant => '$ACME', fingerprint => 'port 7', source => 'switch')" >/dev/null; }
link_up() { psql_as nightbell_producing "SELECT nightbell.settle_event('switch', 'port 7', tenant => '$ACME')" >/dev/null; }
for _ in 1 2 3 4 5; do link && link_up; done
link
work_at '2 minutes'
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE type = 'JOURNEY_LINK'")" 0 'it pages nobody'
is "$(psql_do "SELECT DISTINCT code, detail ->> 'window' FROM nightbell.decisions WHERE subject = 'event'")" 'window|line-works' 'the window holds it'
event=$(psql_do "SELECT max(id) FROM nightbell.admin_system_events WHERE event_type = 'link_down'")
run person bob "$nightbell" why "$event"
like "$out" 'later +the maintenance window line-works held it' 'and why says so'
run person bob "$nightbell" windows list
like "$out" 'line-works' 'the window is listed'
run person bob "$nightbell" events show "$event"
like "$out" 'port 7 is down' 'so is the event'
work_at '2 hours 1 minute'
is "$(psql_do "SELECT u.name, count(*) FROM nightbell.notifications n JOIN nightbell.users u ON u.id = n.user_id WHERE n.type = 'JOURNEY_LINK' GROUP BY 1 ORDER BY 1")" \
    'bob|1
carol|1
olga|1' 'when it ends, those on duty hear once of what still burns'
work_at '2 hours 5 minutes'
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE type = 'JOURNEY_LINK'")" 3 'once'
link_up
run person bob "$nightbell" events show "$event" --json
is "$(jq -r .is_resolved <<<"$out")" true 'the source settles it'

# -- the digest
work_at '3 hours 30 minutes'
is "$(mail_of bob | cut -d '|' -f 2 | sort -u)" held 'the quiet hours are over, and his digest is not due'
work_at '4 hours 1 minute'
is "$(mail_of bob)" "JOURNEY_ORDER|digested|quiet_hours|Bestellung P-7 genehmigt
JOURNEY_ORDER|digested|quiet_hours|Bestellung P-9 genehmigt
DIGEST|queued|2 notifications" 'then both are one digest, which waits for its channel'
is "$(psql_do "SELECT count(*) FROM nightbell.deliveries d JOIN nightbell.deliveries g ON g.id = d.digest_id AND g.type = 'DIGEST' WHERE d.status = 'digested'")" 2 'it carries both'

# -- the same again, from what is written
admin export-config "$test_dir/written"
is_status 0 'the configuration is written'
"$pg_bin/createdb" journey
"$nightbell" --quiet --dsn "host=$cluster_dir dbname=journey user=postgres" db init || bail_out 'no second database'
PGDATABASE=journey psql_do "INSERT INTO nightbell.tenants (id, name) VALUES ('$ACME', 'acme')"
database=journey admin apply "$test_dir/written"
is_status 0 'an empty database becomes the same installation'
database=journey admin export-config "$test_dir/again"
ok 'which writes the same files' diff -r "$test_dir/written" "$test_dir/again"
database=journey admin apply --dry-run "$test_dir/written"
is_status 0 'and nothing is left to do'
admin users export
echo "$out" >"$test_dir/people"
database=journey admin users import "$test_dir/people"
is_status 0 'its people come by themselves, from wherever the application has them'
database=journey admin rules test --event po_approved --module purchasing --context '{"po": {"id": "P-7", "created_by": "ada@acme.example"}, "amount": 150000}' --json
is "$(jq -r 'select(.channel == "in_app") | [.user_name, .code, .text.subject] | join(" ")' <<<"$out" | sort)" 'ada in_app Pedido P-7 aprovado
bob in_app Bestellung P-7 genehmigt
carol in_app Order P-7 approved
olga in_app Order P-7 approved' 'there the same order would reach the same people (what they prefer is theirs, no configuration)'
done_testing
