#!/bin/bash
# What of a mail is more than its text: copies as the template says, and attachments of what was published, stored with the delivery.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker" >/dev/null
admin() { run env NIGHTBELL_DSN="host=$cluster_dir dbname=nightbell user=nightbell_administrator" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
work() { "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once 2>>"$test_dir/log" || fail "the worker: $(tail -3 "$test_dir/log")"; }
mails() { psql_do "SELECT d.cc, d.bcc, d.payload, d.missing FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE u.name = '$1' AND d.channel = '${2:-email}' ORDER BY d.id"; }

folder=$test_dir/folder
mkdir "$folder"
cat >"$folder/all.yaml" <<'END'
types: [{type: COPIES_ORDER, module: purchasing, description: An order was approved}]
templates:
  - template_code: order
    variables: [{name: manager}, {name: auditors}]
    texts:
      - {channel: email, subject: Order, body_template: "for {{user.name}}", cc: ["{{manager}}", "{{nobody}}", "Team <team@acme.example>"], bcc: ["{{auditors}}"]}
rules:
  - {rule_id: copies, event_type: order, recipient_type: user, recipient_value: ada, channel: [email, webhook], notification_type: COPIES_ORDER, template_code: order}
endpoints: [{id: 00000000-0000-4000-9000-000000000001, user: ada, channel: webhook, address: "https://hooks.example/ada"}]
END
admin apply "$folder"
is_status 0 'a template with copies'

psql_as nightbell_producing "SELECT nightbell.publish('$ACME', 'order', 'purchasing', '{\"manager\": \"Zoë <zoe@acme.example>\", \"auditors\": \"audit@acme.example\",
    \"attachments\": [{\"filename\": \"order.csv\", \"content\": \"YTti\"}]}')" >/dev/null
work
is "$(mails ada)" '{"Zoë <zoe@acme.example>","Team <team@acme.example>"}|{audit@acme.example}|{"attachments": [{"content": "YTti", "filename": "order.csv"}]}|{nobody}' \
    'the mail is copied as its template says, and has what was attached'

psql_as nightbell_producing "SELECT nightbell.publish('$ACME', 'order', 'purchasing', '{\"manager\": \"zoe@\", \"auditors\": \"a@acme.example, b@acme.example\", \"attachments\": null}')" >/dev/null
work
is "$(mails ada | tail -1)" '{"Team <team@acme.example>"}|{}||{nobody,"cc: zoe@","bcc: a@acme.example, b@acme.example"}' \
    'what is no address is left out of the mail, and told among what its text lacks'

psql_as nightbell_producing "SELECT nightbell.notify('$ACME', '$BOB', 'TEST_NOTE', 'Title', 'Text', '{\"attachments\": [{\"filename\": \"a.txt\", \"content\": \"YQ==\"}]}', channels => '{in_app,email}')" >/dev/null
work
is "$(mails bob)" '{}|{}|{"attachments": [{"content": "YQ==", "filename": "a.txt"}]}|{}' 'a notification takes what its data has attached'
done_testing
