#!/bin/bash
# nightbell receipts import: what became of deliveries. A rank decides, whatever the order; addresses that are gone are disabled.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
import() { run env NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" receipts import "$@"; }
# delivery [STATUS [CHANNEL [ADDRESS]]]: prints the id of a delivery to ada
delivery() {
    local id step
    id=$(psql_do "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, address, subject, body, next_attempt_at, queued_at)
        VALUES (nightbell.uuidv7(), '$ACME', '$ADA', 'TEST_NOTE', '${2:-email}', '${3:-ada@acme.example}', 'Title', 'Text', now(), now()) RETURNING id")
    for step in sending sent delivered; do
        [ "${1:-sent}" != queued ] || break
        psql_do "UPDATE nightbell.deliveries SET status = '$step' WHERE id = '$id'" >/dev/null
        [ "$step" != "${1:-sent}" ] || break
    done
    echo "$id"
}
receipt() { jq -nc --arg id "$1" --arg status "$2" --argjson more "${3:-"{}"}" '{delivery: $id, status: $status} + $more'; }
state() { psql_do "SELECT status, receipt FROM nightbell.deliveries WHERE id = '$1'"; }
disabled() { psql_do "SELECT string_agg(channel || ' ' || address, ',' ORDER BY address) FROM nightbell.disabled_addresses"; }

# -- the order does not matter
words=(sent deferred delivered opened clicked)
for turn in 1 2 3 4 5 6; do
    id=$(delivery)
    for word in $(shuf -e "${words[@]}" "${words[@]}"); do receipt "$id" "$word"; done >"$test_dir/lines"
    import "$test_dir/lines"
    is_status 0 "turn $turn: receipts in any order, twice each"
    is "$(state "$id")" 'read|clicked' 'end with the furthest'
    is "$(psql_do "SELECT count(*) FROM nightbell.delivery_receipts WHERE delivery_id = '$id'")" 10 'and all are kept'
done
id=$(delivery)
{ receipt "$id" bounced '{"code": "4.2.2"}'; receipt "$id" delivered; receipt "$id" clicked; } >"$test_dir/lines"
import "$test_dir/lines"
is "$out" "1  taken  $id
2  history  $id
3  history  $id" 'what has ended has ended'
is "$(state "$id") $(disabled)" 'bounced|bounced ' 'and a mailbox that is full is not disabled'

# -- what a server said of it, without the address: operators read it
id=$(delivery)
receipt "$id" bounced '{"code": "5.2.2", "detail": "<ada@acme.example>: over quota"}' >"$test_dir/lines"
import "$test_dir/lines"
is "$(psql_do "SELECT d.error, r.detail, x.detail ->> 'problem' FROM nightbell.deliveries d JOIN nightbell.delivery_receipts r ON r.delivery_id = d.id
    JOIN nightbell.decisions x ON x.subject_id = d.id::text AND x.code = 'bounced' WHERE d.id = '$id'")" \
    '5.2.2 <a…@acme.example>: over quota|<a…@acme.example>: over quota|5.2.2 <a…@acme.example>: over quota' 'an address in it is masked'

# -- faster than the answer of the sender
id=$(delivery queued)
receipt "$id" delivered >"$test_dir/lines"
import "$test_dir/lines"
is "$(state "$id")" 'queued|delivered' 'a receipt of what is not recorded as sent is kept'
psql_do "UPDATE nightbell.deliveries SET status = 'sending' WHERE id = '$id'; UPDATE nightbell.deliveries SET status = 'sent' WHERE id = '$id'" >/dev/null
is "$(state "$id") $(psql_do "SELECT sent_at IS NOT NULL, delivered_at IS NOT NULL FROM nightbell.deliveries WHERE id = '$id'")" 'delivered|delivered t|t' 'and counts once it is'

id=$(delivery queued)
psql_do "UPDATE nightbell.deliveries SET status = 'sending' WHERE id = '$id'"
receipt "$id" bounced '{"code": "5.2.2", "detail": "full"}' >"$test_dir/lines"
import "$test_dir/lines"
psql_do "UPDATE nightbell.deliveries SET status = 'sent', error = NULL WHERE id = '$id'"
is "$(state "$id") $(psql_do "SELECT error FROM nightbell.deliveries WHERE id = '$id'")" 'bounced|bounced 5.2.2 full' 'so does a bounce, with its reason'

# -- addresses
while IFS='|' read -r status code more ends; do
    psql_do "DELETE FROM nightbell.disabled_addresses" >/dev/null
    id=$(delivery sent email "Ada.$RANDOM@acme.example")
    receipt "$id" "$status" "$(jq -nc --arg code "$code" --argjson more "${more:-"{}"}" '(if $code == "" then {} else {code: $code} end) + $more')" >"$test_dir/lines"
    import "$test_dir/lines"
    is "$([ -n "$(disabled)" ] && echo yes)" "$ends" "$status $code $more: is the address disabled?"
done <<'END'
bounced|5.1.1||yes
bounced|5.1.10||yes
bounced|5.2.1||yes
bounced|||yes
bounced|30003||
bounced|30005||yes
failed|30006||yes
failed|30007||
failed|21614||yes
bounced|5.2.2||
bounced|5.7.1||
bounced|4.4.1||
failed|||
failed|21610||yes
bounced|5.7.1|{"ends_address": true}|yes
bounced|5.1.1|{"ends_address": false}|
complained|||yes
delivered|||
END
like "$(disabled)" '^$' 'what was delivered disables nothing'
id=$(delivery)
receipt "$id" complained >"$test_dir/lines"
import "$test_dir/lines"
is "$(state "$id")" 'delivered|complained' 'who complains has it'
run person ada "$nightbell" why "$id"
like "$out" 'it was sent to you by email and came back' 'why tells it'

# -- what comes back goes on by the next channel of its rule
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker; UPDATE nightbell.users SET phone = '+37120000017' WHERE id = '$ADA'; DELETE FROM nightbell.disabled_addresses" >/dev/null
fallbacks() { psql_do "SELECT string_agg(concat_ws(' ', channel, status, body), ',') FROM nightbell.deliveries WHERE fallback_of = '$1'"; }
work() { "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once >"$test_dir/worker" 2>&1 || diag "$(cat "$test_dir/worker")"; }
for order in late early; do
    [ $order = late ] && id=$(delivery) || id=$(delivery queued)
    psql_do "UPDATE nightbell.deliveries SET fallback_channels = '{sms}' WHERE id = '$id'" >/dev/null
    [ $order = late ] || psql_do "UPDATE nightbell.deliveries SET status = 'sending' WHERE id = '$id'" >/dev/null
    { receipt "$id" deferred; receipt "$id" bounced '{"code": "4.2.2"}'; receipt "$id" failed; } >"$test_dir/lines"
    import "$test_dir/lines"
    [ $order = late ] || psql_do "UPDATE nightbell.deliveries SET status = 'sent' WHERE id = '$id'" >/dev/null
    is "$(psql_do "SELECT status FROM nightbell.deliveries WHERE id = '$id'")" bounced "$order: it has come back"
    work
    is "$(fallbacks "$id")" 'sms queued Text' "$order: and goes by the next channel, once"
    like "$(person ada "$nightbell" why "$id")" 'sms was tried because another way failed' "$order: which why tells"
done
id=$(delivery)
psql_do "UPDATE nightbell.deliveries SET fallback_channels = '{sms}' WHERE id = '$id'" >/dev/null
{ receipt "$id" delivered; receipt "$id" complained; } >"$test_dir/lines"
import "$test_dir/lines"
work
is "$(fallbacks "$id")" '' 'who complains has it, and gets it by no other channel'

# -- by what the provider calls it
id=$(delivery sent sms +4930123456)
psql_do "INSERT INTO nightbell.attempts (tenant_id, user_id, delivery_id, n, at, channel, outcome, message_id) VALUES ('$ACME', '$ADA', '$id', 1, now(), 'sms', 'sent', 'SM42')" >/dev/null
printf '%s\n' '{"message_id": "SM42", "channel": "email", "status": "delivered"}' '{"message_id": "SM42", "channel": "sms", "status": "delivered", "at": "2026-11-30T12:00:00Z"}' >"$test_dir/lines"
import "$test_dir/lines" --json
is "$out" '{"line":1,"id":"SM42","change":"unknown"}
{"line":2,"id":"SM42","change":"taken"}' 'a message id, with its channel'
is "$(state "$id")" 'delivered|delivered' 'finds its delivery'
is_status 1 'and what is unknown is told by the exit status'
like "$err" 'of 2 receipts 0 were refused, and 1 are of no delivery that there is' 'and counted'

# -- what is wrong
cat >"$test_dir/wrong" <<END
{"delivery": "$id", "status": "eaten"}
{"delivery": "$id"}
{"status": "sent"}
{"delivery": "$id", "message_id": "SM42", "status": "sent"}
{"delivery": "x", "status": "sent"}
{"delivery": "$id", "status": "sent", "at": "yesterday"}
{"delivery": "$id", "status": "sent", "at": "2026-13-30T12:00:00Z"}
{"delivery": "$id", "status": "sent", "recipients": "ada"}
{"delivery": "$id", "status": "sent", "ends_address": 1}
{"delivery": "$id", "status": "sent", "colour": 1}
not json
{"delivery": "$id", "status": "clicked"}
END
import "$test_dir/wrong"
is_status 1 'bad lines are refused'
is "$(grep -c '^nightbell: line' <<<"$err") $out" "11 12  taken  $id" 'each with its reason, and the good one goes in'
for who in nightbell_console nightbell_producing; do
    run env NIGHTBELL_DSN="host=$cluster_dir dbname=nightbell user=$who" "$nightbell" receipts import "$test_dir/wrong"
    is_status 4 "$who may not"
done
run env NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" receipts import --mail "$test_dir/wrong"
is_status 3 'a mail that is no report is none'
done_testing
