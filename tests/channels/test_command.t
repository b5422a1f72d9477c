#!/bin/bash
# `nightbell channels test`: one real message by the sender of the worker, to Postfix, to a web server as a webhook, an SMS and a push, and to a
# program. No database: the command asks none.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/postfix.sh"

export NIGHTBELL_CHANNELS=$test_dir/channels.conf NIGHTBELL_DSN=host=/nonexistent
secret='a key that has more than thirty-two bytes in it' password='the password of robot' token='the token of twilio'
for name in secret password token; do printf '%s' "${!name}" >"$test_dir/$name" && chmod 600 "$test_dir/$name"; done
said=$test_dir/said # all that the commands have printed
try() {
    run "$nightbell" "$@"
    printf '%s\n%s\n' "$out" "$err" >>"$said"
}

# -- a mail
postfix_boxes='ada'
postfix_start
cat >"$NIGHTBELL_CHANNELS" <<END
[channel.email]
kind = smtp
url = smtp://127.0.0.1:$smtp_port
starttls = no
from = alerts@box.example
END
try channels test email --to ada@box.example
is_status 0 'a mail is sent'
like "$out" "^sent by 127\.0\.0\.1:$smtp_port in [0-9]+ ms, answer 250, message [0-9A-F]+$" 'and what the server answered is printed, with its queue id'
wait_for_mails ada 1
is "$(grep -h '^Subject:' "$(mailbox ada)"/*)" 'Subject: A test of the channel email' 'it is in the mailbox'
is "$(grep -hc 'nightbell channels test email' "$(mailbox ada)"/*)" 1 'and tells who sent it'
try channels test email --to nobody@box.example
is_status 1 'who is refused has failed for good'
like "$err" 'not sent by 127.*: the recipient was refused: 550 5\.1\.1 .*: a worker would send nothing there any more' 'and why is printed'
try --json channels test email --to nobody@box.example
is "$(head -1 <<<"$out" | jq -c '[.channel, .kind, .outcome, .code, .address_ended, .provider_fault, .message_id, .retry_after_ms]')" '["email","smtp","failed",550,true,false,null,null]' 'as JSON'
for address in 'no address' $'ada@box.example\nBcc: eve@box.example' '' 'ada@box.example, bob@box.example'; do
    try channels test email --to "$address"
    is_status 2 "no address: ${address@Q}"
done
like "$err" '^nightbell: --to: ' 'it is the option that is wrong'
is "$(count_mails ada)" 1 'none of these sent a mail'
postfix_stop
try channels test email --to ada@box.example
is_status 5 'without an answer a worker would try again'
like "$err" ': a worker would try again$' 'which it says'

# -- webhooks, SMS and push, over HTTP
mkfifo "$test_dir/stop"
printf '201\nX-Any: thing\n\n{"sid": "SM17", "name": "m"}' >"$test_dir/answer"
"$builddir/tests/lib/web_stand" "$test_dir" <"$test_dir/stop" &
exec 8>"$test_dir/stop"
stop_server() { exec 8>&-; }
at_exit stop_server
wait_for 30 test -s "$test_dir/port"
port=$(cat "$test_dir/port")
openssl ecparam -name prime256v1 -genkey -noout -out "$test_dir/vapid.pem" 2>/dev/null && chmod 600 "$test_dir/vapid.pem"
settings() {
    cat >"$NIGHTBELL_CHANNELS" <<END
[network]
$1
[channel.hooks]
kind = webhook
key_file = $test_dir/secret
time_limit = 20s
[channel.sms]
kind = twilio
url = http://127.0.0.1:$port
account = AC17
token_file = $test_dir/token
from = +15005550006
[channel.push]
kind = push
vapid_key_file = $test_dir/vapid.pem
vapid_subject = mailto:ops@example.org
[channel.login]
kind = smtp
url = smtps://127.0.0.1:$port
username = robot
password_file = $test_dir/password
from = alerts@box.example
time_limit = 2s
[channel.lobby]
kind = program
command = $test_dir/lobby {subject}
address = no
[channel.chat]
kind = program
command = $test_dir/chat {address}
[channel.broken]
kind = webhook
key_file = $test_dir/there-is-none
END
}
printf '#!/bin/sh\ncat >%s/input\necho "$1" >%s/subject\necho room-7\n' "$test_dir" "$test_dir" >"$test_dir/lobby"
printf '#!/bin/sh\necho "$1: no such room" >&2\nexit 67\n' >"$test_dir/chat"
chmod 755 "$test_dir/lobby" "$test_dir/chat"
settings ''
: >"$test_dir/requests"
url=http://127.0.0.1:$port/hook
endpoint=0197b0a0-0000-7000-8000-000000000017
for forbidden in "$url" "http://localhost:$port/hook" "http://[::ffff:127.0.0.1]:$port/" 'http://169.254.169.254/latest' 'http://10.0.0.1/'; do
    try channels test hooks --to "$forbidden"
    is_status 1 "the guard holds: $forbidden"
done
like "$err" 'not sent by http://10\.0\.0\.1: .*private' 'and says why'
is "$(cat "$test_dir/requests")" '' 'nobody was connected to'
settings 'allow = 127.0.0.1'
try channels test hooks --to "$url" --endpoint $endpoint --secret-version 2
is_status 0 'where the administrator allows it, a webhook is sent'
like "$out" "^sent by http://127\.0\.0\.1:$port in [0-9]+ ms, answer 201$" 'with its answer'
header() { sed -n "s/^$1: \(.*\)\r$/\1/ip" "$test_dir/requests" | tail -1; }
body=$(tail -1 "$test_dir/requests")
is "$(jq -r '.type, .data.subject' <<<"$body")" 'CHANNEL_TEST
A test of the channel hooks' 'it is one like any other'
key=$("$nightbell" channels webhook-secret $endpoint --secret-version 2 --channel hooks | sed 's/^whsec_//' | base64 -d | basenc --base16)
is "$(header webhook-signature)" "v1,$(printf '%s.%s.%s' "$(header webhook-id)" "$(header webhook-timestamp)" "$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)" \
    "signed by the endpoint's secret"
while IFS='|' read -r answer status hint; do
    printf '%b\n\nno' "$answer" >"$test_dir/answer"
    try channels test hooks --to "$url"
    is_status "$status" "${answer//\\n/, }"
    like "$err" "$hint" 'what a worker would do'
done <<'END'
410|1|HTTP 410: no: a worker would send nothing there any more
404|1|HTTP 404: no: a worker would not try again
503|5|HTTP 503: no: a worker would try again
429\nRetry-After: 70|5|a worker would try again, and not before 70 s are over
302\nLocation: http://10.0.0.1/|1|redirects are not followed
END
printf '201\n\n{"sid": "SM17"}' >"$test_dir/answer"
try channels test sms --to +4915112345678
like "$out" 'answer 201, message SM17$' 'an SMS'
like "$(tail -1 "$test_dir/requests")" '^To=%2B4915112345678&From=%2B15005550006&Body=Somebody%20sent' 'in the form of Twilio'
try channels test sms --to 015112345678
is_status 2 'a number has its country'
subscription=$(jq -nc --arg url "http://127.0.0.1:$port/push" '{endpoint: $url, keys: {p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth: "BTBZMqHH6r4Tts7J_aSIgg"}}')
try channels test push --to "$subscription"
is_status 0 'a push to a browser'
is "$(header content-encoding)" aes128gcm 'encrypted'
try channels test push --to '{"endpoint": "x"}'
is_status 2 'what is no subscription'
try channels test login --to ada@box.example
is_status 5 'a server that talks no TLS'

# -- programs
try channels test lobby
is_status 0 'a program that needs no address'
like "$out" '^sent by lobby in [0-9]+ ms, message room-7$' 'tells what it calls the message'
is "$(cat "$test_dir/subject") $(jq -c '[.channel, .type, .target.address]' "$test_dir/input")" 'A test of the channel lobby ["lobby","CHANNEL_TEST",null]' 'and has read it'
try channels test lobby --to x
is_status 2 'it takes none'
try channels test chat
is_status 2 'another needs one'
try channels test chat --to '#ada'
is_status 1 'its exit status decides'
like "$err" 'not sent by chat: #ada: no such room' 'and its last line is the error'

# -- what is wrong with the file
try channels test fax --to x
is_status 3 'there is no such channel'
like "$err" "$NIGHTBELL_CHANNELS: there is no section \[channel\.fax\]" 'in that file'
try channels test broken --to "$url"
is_status 2 'a secret that is not there'
like "$err" 'channels\.conf:[0-9]+: .*there-is-none' 'is told with its line; it kept none of the others from being tested'
try channels test
is_status 2 'a channel must be named'
NIGHTBELL_CHANNELS=$test_dir/none try channels test email --to x
is_status 3 'a file that is not there'
for name in secret password token; do not_ok "the $name is printed nowhere" grep -qF "${!name}" "$said"; done
done_testing
