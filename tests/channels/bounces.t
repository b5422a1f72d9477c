#!/bin/bash
# A mail that comes back: Postfix makes the bounce and hands it to `nightbell receipts import --mail`, as docs/mail.md tells.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/postfix.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_bounces LOGIN IN ROLE nightbell_worker" >/dev/null

postfix_boxes='grace'
postfix_bounces "host=$cluster_dir dbname=nightbell user=nightbell_bounces"
printf '%s\n' 'bounces@box.example bounces@box.example' 'late@box.example gone@box.example' 'copied@box.example gone@box.example' >"$postfix_dir/etc/aliases"
postfix_start "virtual_alias_maps = texthash:$postfix_dir/etc/aliases"
printf '%s\n' '[channel.email]' 'kind = smtp' "url = smtp://127.0.0.1:$smtp_port" 'starttls = no' 'from = alerts@box.example' 'return_path = bounces@box.example' >"$test_dir/channels.conf"

# sent ADDRESS [CC]: a delivery to ada that is sent by mail and recorded as sent; prints its id
sent() {
    local id
    id=$(psql_do "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, address, subject, body, next_attempt_at, queued_at, cc)
        VALUES (nightbell.uuidv7(), '$ACME', '$ADA', 'TEST_NOTE', 'email', '$1', 'Title', 'Text', now(), now(), '{${2:-}}') RETURNING id")
    psql_do "UPDATE nightbell.deliveries SET status = 'sending' WHERE id = '$id'; UPDATE nightbell.deliveries SET status = 'sent' WHERE id = '$id'" >/dev/null
    jq -nc --arg id "$id" --arg to "$1" --arg cc "${2:-}" '{delivery: $id, to: $to, type: "T", subject: "Title", body: "Text", created_ms: 1796040000000, cc: (if $cc == "" then [] else [$cc] end)}' |
        "$builddir/tests/lib/mail_sender" "$test_dir/channels.conf" >"$test_dir/sent" || fail 'it is sent'
    echo "$id"
}
state() { psql_do "SELECT status, receipt, error FROM nightbell.deliveries WHERE id = '$1'"; }
has_receipts() { [ "$(psql_do "SELECT count(*) FROM nightbell.delivery_receipts WHERE delivery_id = '$1'")" -ge "$2" ]; }

id=$(sent late@box.example)
ok 'Postfix sends it back, and the bounce is taken' wait_for 30 has_receipts "$id" 1
like "$(state "$id")" '^bounced\|bounced\|5\.1\.1 unknown user' 'the delivery is bounced, and why is told'
is "$(psql_do "SELECT channel, address, left(reason, 14) FROM nightbell.disabled_addresses")" 'email|late@box.example|bounced: 5.1.1' 'the address is disabled'
like "$(person olga "$nightbell" events --json 2>/dev/null | jq -r .description)" 'nothing is sent to the address l…@box\.example of ada any more \(email\)' 'and operators are told'
like "$(person ada "$nightbell" why "$id")" 'it was sent to you by email and came back: 5\.1\.1 unknown user' 'why tells it'
is "$(cat "$test_dir/bounces/statuses")" 0 'the command says that all is well'

id=$(sent grace@box.example copied@box.example)
ok 'the bounce of a copy is taken' wait_for 30 has_receipts "$id" 1
is "$(state "$id") $(psql_do "SELECT change FROM nightbell.delivery_receipts WHERE delivery_id = '$id'; SELECT count(*) FROM nightbell.disabled_addresses")" 'sent|| copy
1' 'and is none of the delivery'

server_stop
jq -nc '{delivery: "0199aaaa-0000-7000-8000-000000000001", to: "late@box.example", type: "T", subject: "Title", body: "Text", created_ms: 1796040000000}' | "$builddir/tests/lib/mail_sender" "$test_dir/channels.conf" >"$test_dir/sent" || fail 'it is sent'
ok 'where the database is away, Postfix is told to try again' wait_for 60 grep -q 'relay=bounced.*status=deferred' "$postfix_dir/log"
is "$(tail -1 "$test_dir/bounces/statuses")" 5 'by its own exit status'
done_testing
