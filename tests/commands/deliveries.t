#!/bin/bash
# What operators ask about deliveries on the command line, and what nobody but the recipient reads of them.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/deliveries.sh"
cluster_start
deliveries_seed

bob() { run person bob "$nightbell" deliveries "$@"; }
subjects() { jq -r .id <<<"$out" | while read -r id; do psql_do "SELECT subject FROM nightbell.deliveries WHERE id = '$id'"; done | /usr/bin/paste -sd ,; }
filter_is() { # FILTER SUBJECTS
    bob list "$1" --json
    is "$(subjects)" "$2" "$1"
}

# -- list
bob
is "$(cut -f 3-6 <<<"$out" | head -2)" "$(printf 'queued\temail\tcarol\tBOOKING_CREATED\ndelivered\temail\tada\tPAYMENT_RECEIVED')" "the newest first"
is "$(wc -l <<<"$out")" 17 "all of the tenant, none of another"
filter_is is:dead 'dead sms,dead mail'
filter_is 'is:waiting channel:webhook' 'payment,order 4711'
filter_is 'is:arrived user:bob' 'campaign,your report'
filter_is 'status:bounced,cancelled' 'no longer wanted,it came back'
filter_is 'type:INVOICE_*' 'last way,dead sms,dead mail'
filter_is 'provider:twilio' 'dead sms'
filter_is 'error:unsub' 'dead sms'
filter_is 'error:550*' 'dead mail'
filter_is 'error:none status:queued' 'fresh'
filter_is 'is:retried' 'order 4711,dead mail'
filter_is 'has:fallback' 'last way,dead sms'
filter_is 'has:digest' 'in digest 3,in digest 2,in digest 1'
filter_is 'rule:orders -is:waiting' 'it came back'
filter_is 'urgency:critical' 'payment'
filter_is 'before:100m status:delivered' 'your digest'
filter_is 'since:100m before:45m channel:email' 'your report'
filter_is '"mailbox full"' 'it came back'
psql_do "SET session_replication_role = replica; UPDATE nightbell.deliveries SET sending_at = now() - interval '10 minutes' WHERE subject = 'payment'"
filter_is 'is:late' 'fresh,payment'
psql_do "SET session_replication_role = replica;
    UPDATE nightbell.deliveries SET sending_at = now() - interval '2 hours', ended_at = now() - interval '1 hour' WHERE subject = 'dead mail'"
filter_is 'is:dead older:59m' 'dead mail'
filter_is 'is:dead older:61m' ''
bob 'status:lost'
is_status 2 "a state that there is not"
like "$err" 'held, queued, sending' "tells those that there are"
bob count is:dead
is "$out" 2 "count"
bob --limit 3 --json
last=$(jq -r .id <<<"$out" | tail -1)
bob --limit 1 --before "$last" --json
is "$(subjects)" campaign "a page behind a row"
is "$(person bob "$nightbell" export deliveries status:read --format csv | head -2 | cut -d , -f 5,7,8)" "$(printf 'status,channel,type\nread,email,REPORT_READY')" "export"

# -- show: the whole story, and the text for whom it is for
dead=$(delivery_id 'dead mail') sms=$(delivery_id 'dead sms') own=$(delivery_id 'your report') digest=$(delivery_id 'your digest')
bob show "$dead"
like "$out" 'error +550 5.1.1 <ada@acme.example>: user unknown' "why it failed"
like "$out" 'smtp try 1: not now: 451 4.7.1 greylisted, to p…@acme.example, after 160 ms' "each try"
like "$out" 'smtp try 4: refused: 550' "the last one"
like "$out" "fell back: to sms ${sms: -8}, failed" "what it fell back to"
like "$out" 'then by +sms, push' "and where it would have gone"
unlike "$out" 'the text of|private@acme|about' "neither its text nor its address: it is ada's"
bob show "${sms: -8}"
like "$out" "fell back: from email ${dead: -8}, failed" "by the end of its id: what it came from"
like "$out" 'fell back: to push' "and what came of it"
bob show "$own"
like "$out" 'the text of your report' "one's own has its text"
like "$out" 'address +private@acme.example' "and its address"
bob show "$digest"
like "$out" 'put into it: 3 deliveries, as a digest' "a digest says how many it carries"
bob show "$(delivery_id 'in digest 2')"
like "$out" "in digest +$digest" "and each of them, in which it went"
bob show "$own" "$dead" 2>/dev/null
is_status 2 "one at a time"
bob show "$dead" --json
is "$(jq -c '[.status, .attempts, .fallback_channels, .body, .address, .payload, (.history | length > 5)]' <<<"$out")" '["failed",4,"sms, push",null,null,null,true]' "as JSON"
bob list user:me --json --limit 1
is "$(jq -r .body <<<"$out")" 'the text of campaign' "a list in full has the text of one's own"
bob show 01a00000-0000-7000-8000-000000000000
is_status 3 "there is no such delivery"
like "$err" 'no such delivery: nightbell deliveries lists' "what to do"
run person bob "$nightbell" why "$dead"
like "$out" 'could not be sent to ada by email: 550' "why tells what was decided"

# -- receipts: what providers have told since
told() { psql_do "INSERT INTO nightbell.delivery_receipts (tenant_id, user_id, delivery_id, at, told_at, status, code, detail, recipient, change)
    SELECT tenant_id, user_id, id, sent_at + interval '$2', sent_at + interval '$2' - interval '$3', $4 FROM nightbell.deliveries WHERE id = '$1'"; }
told "$own" '1 minute' '0' "'delivered', NULL, NULL, NULL, 'taken'"
told "$own" '2 minutes' '0' "'opened', NULL, NULL, NULL, 'taken'"
told "$own" '3 minutes' '1 hour' "'deferred', '4.2.2', 'mailbox full', NULL, 'history'"
told "$own" '4 minutes' '0' "'bounced', '5.1.1', NULL, 'c…@acme.example', 'copy'"
bob show "$own"
like "$(grep receipt <<<"$out")" 'smtp receipt: delivered.*smtp receipt: opened.*receipt: deferred 4.2.2 mailbox full, which changes nothing, at 20.*receipt: bounced 5.1.1, of a copy to c…@acme.example' "each receipt, in the order in which they came"
is "$(grep -cE 'delivered it|: read$|system read' <<<"$out")" 0 "in place of the states that they brought about"

# -- who may
run person ada "$nightbell" deliveries
is_status 4 "ada is no operator"
like "$err" 'deliveries are for operators' "and is told so"
run person ada "$nightbell" deliveries show "$dead"
is_status 4 "nor of her own"
run person mallory "$nightbell" deliveries show "$dead"
is_status 3 "another tenant's operator finds nothing"
run person mallory "$nightbell" deliveries count
is "$out" 1 "but those of that tenant"
run person olga "$nightbell" deliveries count
is "$out" 18 "a global operator sees all"
run person olga "$nightbell" deliveries tenant:globex --json
is "$(jq -r '[.tenant_name, .user_name, .body] | @csv' <<<"$out")" '"globex","mallory",' "with names, and without text"
run person olga "$nightbell" deliveries show "$dead"
like "$out" 'fell back: to sms' "and the story"
run person bob "$nightbell" watch deliveries
is_status 2 "they are not watched line by line"
like "$err" 'the console shows them live' "which says where"

# -- send again, cancel
order=$(delivery_id 'order 4711') hourly=$(delivery_id hourly)
bob retry "$dead"
is "$status $out" '0 1 delivery queued again' "a dead letter goes again"
is "$(psql_do "SELECT d.status, q.tries, q.due_at <= now() FROM nightbell.deliveries d JOIN nightbell.delivery_queue q ON q.delivery_id = d.id WHERE d.id = '$dead'")" 'queued|0|t' "with tries anew"
bob show "$dead"
like "$out" 'the system gave up: 550 5.1.1 .*bob queued it: again' "its story tells of both times"
bob retry "$order" "$hourly" --json
is_status 1 "what waits for its next try goes now, what is held does not"
is "$(jq -c '[.id, .done]' <<<"$out" | /usr/bin/paste -sd ' ')" "[\"$order\",true] [\"$hourly\",false]" "each with its outcome"
like "$err" "delivery $hourly: it is held" "and why not"
is "$(psql_do "SELECT next_attempt_at <= now() FROM nightbell.deliveries WHERE id = '$order'")" t "now"
bob cancel "$dead" "$hourly"
is "$status $out" '0 2 deliveries cancelled' "what has not left is called back"
bob cancel "$own"
is_status 1 "what has arrived is not"
like "$err" 'it is read' "as it says"
bob retry 01a00000-0000-7000-8000-000000000000
is_status 3 "nor what is not there"
psql_do "SET session_replication_role = replica; UPDATE nightbell.deliveries SET status = 'failed', next_attempt_at = NULL, error = 'gone' WHERE channel = 'push'"
bob retry-all channel:push
is "$status $out" '0 2 deliveries queued again' "all dead letters that match"
bob count is:dead
is "$out" 1 "and no other"
bob retry-all channel:push
is "$status $out" '0 no dead letter matches' "nothing is left of them"
run person ada "$nightbell" deliveries retry "$sms"
is_status 4 "who is no operator sends nothing"
run person mallory "$nightbell" deliveries retry "$sms"
is_status 3 "nor another tenant's"
is "$(psql_do "SELECT status FROM nightbell.deliveries WHERE id = '$sms'")" failed "it is as it was"

# -- hostile texts come out harmless
psql_do "SET session_replication_role = replica; UPDATE nightbell.deliveries SET error = E'evil \\x1b[2J\\u202e', provider = E'\\x1b]0;x\\x07' WHERE id = '$dead'"
bob show "$dead"
unlike "$out" $'\x1b' "no escape sequence in what is shown"
bob list rule:invoices channel:email --json
is "$(jq -r .error <<<"$out" | tail -1)" $'evil \x1b[2J\u202e' "as JSON it is what it was"
done_testing
