#!/bin/bash
# The whole way out: an application publishes in SQL; rules, templates, languages and preferences decide; one worker sends. What arrives is
# read by other people's code: mail out of a mailbox (Postfix with TLS and a login; python's email), webhooks by standardwebhooks and svix,
# push by http_ece; SMS as Twilio documents them. A push that finds no device any more goes on as an SMS. An operator finds the letter that
# is dead in the console, reads why, repairs the address and sends it again. A mail that comes back is told of, too.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"
. "$tests_lib/console.sh"
. "$tests_lib/postfix.sh"
. "$tests_lib/node.sh"
. "$srcdir/tests/channels/providers.sh"
: "${SCREEN_SECONDS:=30}"
why=$(node_packages "$srcdir/tests/data/receivers" receivers) || { [ -z "${CI:-}" ] && skip_all "the receivers could not be installed with npm: $(tail -1 <<<"$why")" || bail_out "$why"; }
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker; CREATE ROLE nightbell_bounces LOGIN IN ROLE nightbell_worker"
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
fine() { is "$status $err" '0 ' "$1"; }
dave=00000000-0000-4000-8000-0000000000d2 erin=00000000-0000-4000-8000-0000000000e2 hook=00000000-0000-4000-9000-000000000001
state() { psql_do "SELECT concat_ws(' ', d.status, d.attempts, d.error) FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE u.name = '$1' AND d.channel = '$2'"; }
is_in() { [[ $(state "$1" "$2") = $3* ]]; }
delivery() { psql_do "SELECT d.id FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE u.name = '$1' AND d.channel = '$2'"; }

# -- the providers
make_ca
postfix_boxes='ada carol'
postfix_login robot 'pass word=é'
postfix_bounces "host=$cluster_dir dbname=nightbell user=nightbell_bounces"
# erin's mailbox is somewhere else, where nobody knows her any more
printf '%s\n' 'bounces@box.example bounces@box.example' 'erin@box.example gone@box.example' >"$postfix_dir/etc/aliases"
postfix_start "smtpd_tls_cert_file = $server_certificate" "smtpd_tls_key_file = $server_key" 'smtpd_tls_security_level = may' 'smtpd_tls_auth_only = yes' \
    'smtpd_tls_received_header = yes' 'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' "smtpd_sasl_path = $test_dir/dovecot/run/postfix-auth" \
    'smtpd_recipient_restrictions = permit_sasl_authenticated, reject' "virtual_alias_maps = texthash:$postfix_dir/etc/aliases"
providers_start "$test_dir/twilio" 127.0.0.1
(
    umask 077
    printf '%s\n' 'pass word=é' >"$test_dir/password"
    printf %s "$twilio_token" >"$test_dir/token"
    openssl rand -base64 48 >"$test_dir/key"
)
"$nightbell" channels vapid-key "$test_dir/vapid.pem" >"$test_dir/vapid.pub"
channels=$test_dir/channels.conf
cat >"$channels" <<END
[network]
allow = 127.0.0.1
[channel.email]
kind = smtp
url = smtp://localhost:$smtp_port
ca_file = $ca_file
username = robot
password_file = $test_dir/password
from = Shop <shop@box.example>
return_path = bounces@box.example
[channel.webhook]
kind = webhook
key_file = $test_dir/key
ed25519 = yes
[channel.push]
kind = push
vapid_key_file = $test_dir/vapid.pem
vapid_subject = mailto:ops@box.example
[channel.sms]
kind = twilio
url = http://127.0.0.1:$provider_port
account = $twilio_account
token_file = $test_dir/token
from = +15005550006
END
SECRETS=$("$nightbell" channels webhook-secret "$hook" --channels "$channels") PUBLIC_KEY=$("$nightbell" channels webhook-key --channels "$channels")
export SECRETS PUBLIC_KEY
node "$builddir/tests/receivers/receiver.cjs" "$test_dir" >"$test_dir/received" 2>"$test_dir/node.err" &
receiver=$!
wait_for 30 test -s "$test_dir/port" || bail_out "the receivers do not start: $(cat "$test_dir/node.err")"

# -- the installation, and its people
mkdir "$test_dir/folder"
cat >"$test_dir/folder/shop.yaml" <<END
types:
  - {type: ORDER_APPROVED, module: shop, description: An order was approved}
  - {type: LINE_DOWN, module: shop, description: A line is down, urgency: high}
templates:
  - template_code: order
    variables: [{name: po}, {name: amount, type: number}]
    texts:
      - {channel: "*", subject: "Order {{po}} approved", body_template: "{{user.name}}: {{amount}} for {{po}}"}
      - {channel: email, locale: de, subject: "Bestellung {{po}} ist genehmigt", body_template: "Größe: {{amount}} €\nfür {{user.name}}", html_template: "<p>Größe: <b>{{amount}} €</b> für {{user.name}}</p>"}
      - {channel: webhook, subject: "{{po}}", body_template: "{{amount}}"}
  - template_code: line
    variables: [{name: line}]
    texts:
      - {channel: "*", subject: "{{line}} is down", body_template: "{{line}} is down — 😀"}
      - {channel: sms, body_template: "{{line}} is down, {{user.name}}"}
rules:
  - {rule_id: orders, event_type: order_approved, module: shop, condition_expr: \$.amount > 100000, recipient_type: user, recipient_value: "ada, carol, dave, erin", channel: [in_app, email], notification_type: ORDER_APPROVED, template_code: order}
  - {rule_id: systems, event_type: order_approved, module: shop, recipient_type: user, recipient_value: ada, channel: [webhook], notification_type: ORDER_APPROVED, template_code: order}
  - {rule_id: lines, event_type: line_down, module: shop, recipient_type: user, recipient_value: "ada, bob", channel: [push], fallback_channels: [email, sms], notification_type: LINE_DOWN, template_code: line}
END
cat >"$test_dir/people" <<END
{"id": "$ADA", "name": "ada", "email": "ada@box.example", "locale": "de", "time_zone": "UTC", "roles": ["user"]}
{"id": "$BOB", "name": "bob", "email": null, "phone": "+4915112345678", "time_zone": "UTC", "roles": ["user", "operator"]}
{"id": "$CAROL", "name": "carol", "email": "carrol@box.example", "time_zone": "UTC", "roles": ["user", "operator"]}
{"id": "$dave", "name": "dave", "email": "dave@box.example", "time_zone": "UTC", "roles": ["user"]}
{"id": "$erin", "name": "erin", "email": "erin@box.example", "time_zone": "UTC", "roles": ["user"]}
END
jq -nc --rawfile live "$test_dir/subscription" --arg ada "$ADA" --arg bob "$BOB" '($live | fromjson) as $it |
    {id: "00000000-0000-4000-9000-00000000000a", user: $ada, platform: "web", token: ($it | tojson)},
    {id: "00000000-0000-4000-9000-00000000000b", user: $bob, platform: "web", token: ($it | .endpoint |= sub("push$"; "gone") | tojson)}' >"$test_dir/devices"
printf '{"id": "%s", "user": "ada", "channel": "webhook", "address": "http://127.0.0.1:%s/hook"}\n' "$hook" "$(cat "$test_dir/port")" >"$test_dir/endpoints"
admin apply "$test_dir/folder"
fine 'the folder becomes the installation'
for kind in users:people devices:devices endpoints:endpoints; do
    admin --quiet "${kind%:*}" import "$test_dir/${kind#*:}"
    fine "the application tells of its ${kind%:*}"
done
admin prefs set --user dave email=off
fine 'dave wants no mail'

"$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --name shop --channels "$channels" >/dev/null 2>"$test_dir/log" &
worker=$!
end_all() { kill "$worker" "$receiver" 2>/dev/null; }
at_exit end_all
wait_for 60 grep -q 'worker ready' "$test_dir/log" || bail_out "the worker is not ready: $(cat "$test_dir/log")"

# -- an order
order=$(psql_as nightbell_producing "SELECT nightbell.publish('$ACME', 'order_approved', 'shop', '{\"po\": \"P-7\", \"amount\": 150000}')")
ok 'an order is published, and a mail to ada is sent' wait_for 60 is_in ada email sent
wait_for_mails ada 1
is "$(python3 - "$(mailbox ada)" <<'END'
import email, email.policy, os, sys
[name] = os.listdir(sys.argv[1])
m = email.message_from_bytes(open(os.path.join(sys.argv[1], name), "rb").read(), policy=email.policy.default)
print(m["Subject"], m["From"], m["To"], m["Message-ID"], m["Return-Path"], m["Auto-Submitted"], sep="|")
print(m.get_body(("plain",)).get_content().replace("\r", "").strip(), m.get_body(("html",)).get_content().strip(), sep="|")
print("ESMTPSA" in m["Received"], "TLSv1.3" in m["Received"], len(m.defects))
END
)" "Bestellung P-7 ist genehmigt|Shop <shop@box.example>|ada@box.example|<$(delivery ada email)@box.example>|<bounces+$(delivery ada email)@box.example>|auto-generated
Größe: 150000 €
für ada|<p>Größe: <b>150000 €</b> für ada</p>
True True 0" 'python reads it out of her mailbox: in her language, as text and HTML, brought over TLS by who had logged in'
ok 'her webhook is sent' wait_for 60 is_in ada webhook sent
is "$(cat "$test_dir/received")" 'webhook yes/yes v1a:yes P-7' 'standardwebhooks and svix verify it by the secret that the worker'"'"'s host prints, and the key pair'
ok 'the mail to carol is refused' wait_for 60 is_in carol email 'failed 1 the recipient was refused: 550 5.1.1'
is "$(psql_do "SELECT concat_ws(' ', channel, address) FROM nightbell.disabled_addresses WHERE address ~ 'carrol'")" 'email carrol@box.example' 'for good: nothing goes to that address any more'
ok 'the mail to erin is taken' wait_for 60 is_in erin email ''
ok 'and comes back' wait_for 60 is_in erin email 'bounced 1 5.1.1 unknown user'
run person bob "$nightbell" why "app:$order"
like "$out" 'it was sent to ada by email' 'why tells an operator what arrived'
like "$out" 'it was sent to ada by webhook' 'by each channel'
like "$out" 'dave does not want it by email' 'what was not wanted'
like "$out" 'it could not be sent to carol by email: the recipient was refused: 550 5\.1\.1' 'what was refused'
like "$out" 'it was sent to erin by email and came back: 5\.1\.1 unknown user' 'and what came back'
run person bob "$nightbell" deliveries show "$(delivery ada email)"
like "$out" 'smtp try 1: took it: 250, to a…@box\.example, after [0-9]+ ms, as [0-9A-F]+' 'the delivery says what Postfix called the mail'
like "$(cat "$postfix_dir/log")" "$(psql_do "SELECT provider_message_id FROM nightbell.deliveries WHERE id = '$(delivery ada email)'"): .*status=sent" 'as its log does'

# -- a line is down: push, and what it falls back to
line=$(psql_as nightbell_producing "SELECT nightbell.publish('$ACME', 'line_down', 'shop', '{\"line\": \"Line 7\"}')")
ok 'a push reaches ada' wait_for 60 is_in ada push sent
ok 'bob gets an SMS' wait_for 60 is_in bob sms sent
is "$(sed 1d "$test_dir/received" | sort)" "gone
push mailto:ops@box.example 86400 high Line 7 is down: 18 Line 7 is do" 'http_ece decrypts hers; his push service knew him no more'
is "$(jq -c '[.path, .form]' "$test_dir/twilio/requests")" "[\"/2010-04-01/Accounts/$twilio_account/Messages.json\",{\"To\":\"+4915112345678\",\"From\":\"+15005550006\",\"Body\":\"Line 7 is down, bob\"}]" \
    'the SMS is as Twilio documents it, in the text of its own'
is "$(psql_do "SELECT count(*) FROM nightbell.devices WHERE user_id = '$BOB' AND disabled_at IS NOT NULL")" 1 'his device is switched off'
run person bob "$nightbell" why "app:$line"
like "$out" 'it could not be sent to you by push: HTTP 410.*there is no address of yours for email.*sms was tried because another way failed.*it was sent to you by sms' \
    'why tells how it came to that, and that there was no mail in between'
run person bob "$nightbell" deliveries show "$(delivery bob push)"
like "$out" 'push try 1: refused: 410.*the system gave up: HTTP 410.*fell back: to sms [0-9a-f]{8}, sent' 'so does the delivery'

# -- an operator, with the console
on_one_screen() { # NAME REGEX…: all of them, in this order, once the last is there
    local text name=$1 regex
    shift
    screen_wait "${@: -1}" || return 0
    text=$(screen_text | tr -s ' \n' ' ')
    regex=$(printf '.*%s' "$@")
    if [[ $text =~ $regex ]]; then pass "$name"; else
        fail "$name"
        screen_diag
    fi
}
console_start -n bob bob 120x60
keys 3
screen_shows '3 Deliveries ✗2' 'the console says that two have failed'
screen_shows '← bounced .*erin .*5\.1\.1 unknown user' 'which one came back'
keys '!'
screen_gone 'bounced'
keys f 'channel:email' '<Enter>'
screen_wait '(row 1 · )?1 of'
keys '<Enter>'
screen_shows 'email to carol +✗ failed' 'an operator opens the dead letter'
on_one_screen 'and reads why' 'the recipient was refused: 550 5\.1\.1 <c…@box\.example>' 'User unknown' 'gave up' 'it could not be sent to carol by email'
sed -i 's/carrol@/carol@/' "$test_dir/people"
admin users import "$test_dir/people"
is "$(grep changed <<<"$out")" "3	$CAROL	changed" 'the address is repaired'
keys q
screen_wait '✗ failed .*carol'
keys R
screen_wait 'retry email to carol'
keys y
screen_shows 'queued (1 delivery again|email to carol again)' 'the dead letter is sent again'
ok 'and arrives' wait_for 60 has_mails carol 1
screen_shows '3 Deliveries ✗1' 'one dead letter less'
keys F f 'user:carol channel:email' '<Enter>'
screen_wait '✓ sent .*carol'
screen_gone 'erin'
keys '<Enter>'
screen_wait 'email to carol +✓ sent'
on_one_screen 'the whole story is on one screen' 'tries 2 of' 'system made it: for email, by the rule orders' 'smtp try 1: refused: 550' 'gave up' 'bob queued it: again' \
    'smtp try 2: took it: 250, to c…@box\.example' 'it is in the inbox of carol' 'it could not be sent to carol' 'again: bob has asked for it' 'it was sent to carol by email'
unlike "$(screen_text)" 'dave|erin|ada' 'and no other than hers'
run person carol "$nightbell" why "$(delivery carol email)"
like "$out" 'it could not be sent to you by email.*it is on its way to you by email, again: bob has asked for it.*it was sent to you by email' 'carol can ask, too'
keys q
screen_wait '✓ sent .*carol'
console_quit "bob's"
kill -TERM "$worker"
wait "$worker"
is $? 0 'the worker ends'
is "$(cat "$test_dir/node.err" "$test_dir/twilio/errors")" '' 'nothing that the receivers did not understand'
done_testing
