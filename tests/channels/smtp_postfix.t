#!/bin/bash
# Mail by SMTP through a real Postfix: TLS by a private CA, logging in, one connection for many mails, what it refuses, and the mail
# as python's email package reads it out of the mailbox.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/postfix.sh"

make_ca
postfix_boxes='ada audit bob bounces carol copies dave erin eve grace jürgen many more'
postfix_login robot 'pass word=é'
postfix_start "smtpd_tls_cert_file = $server_certificate" "smtpd_tls_key_file = $server_key" 'smtpd_tls_security_level = may' 'smtpd_tls_auth_only = yes' \
    'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' "smtpd_sasl_path = $test_dir/dovecot/run/postfix-auth" \
    'smtpd_recipient_restrictions = permit_sasl_authenticated, reject'
printf '%s\n' 'pass word=é' >"$test_dir/password"
printf '%s\n' 'wrong' >"$test_dir/wrong"
chmod 600 "$test_dir/password" "$test_dir/wrong"

# settings FILE [LINE…]: channels.conf; later lines hold where one is named twice
settings() {
    local file=$test_dir/$1 line name
    shift
    declare -A values=([kind]=smtp [url]="smtp://localhost:$smtp_port" [ca_file]="$ca_file" [username]=robot [password_file]="$test_dir/password"
        [from]='Nightbell <alerts@box.example>' [return_path]=bounces@box.example [time_limit]=20s)
    for line in "$@"; do values[${line%%=*}]=${line#*=}; done
    echo '[channel.email]' >"$file"
    for name in "${!values[@]}"; do [ -z "${values[$name]}" ] || echo "$name = ${values[$name]}" >>"$file"; done
}
send() { "$builddir/tests/lib/mail_sender" "$test_dir/$1" >"$test_dir/answers" 2>"$test_dir/errors" || diag "$(cat "$test_dir/errors")"; }
# message DELIVERY TO [JSON]
message() { jq -nc --arg delivery "0199aaaa-0000-7000-8000-$(printf %012d "$1")" --arg to "$2" --argjson more "${3:-"{}"}" '{delivery: $delivery, to: $to, type: "T", subject: "Title", body: "Text", created_ms: 1796040000000} + $more'; }
answers() { jq -r "${1:-[.outcome, .code, .address_ended, .provider_fault, .error] | join(\"|\")}" <(head -n -1 "$test_dir/answers"); }
connections() { grep -c ': connect from' "$postfix_dir/log"; }
# read_mail ADDRESS PYTHON: of the only mail, as m
read_mail() {
    python3 - "$(mailbox "$1")" "$2" <<'END'
import email, email.policy, os, sys
[name] = os.listdir(sys.argv[1])
m = email.message_from_bytes(open(os.path.join(sys.argv[1], name), "rb").read(), policy=email.policy.default)
print(eval(sys.argv[2]))
END
}

# -- one mail, with everything
settings good
message 1 ada@box.example '{"subject": "Größe: 你好 🙂", "body": "Füße\n.\nFrom here\n..two", "html": "<p>Füße 你好</p>", "cc": ["Grace <grace@box.example>"], "bcc": ["audit@box.example"],
    "unsubscribe": "https://example.org/u/t", "attachments": [{"filename": "Maße.csv", "content_type": "text/csv", "content": "YTti"}]}' | send good
is "$(answers)" 'sent|250|false|false|' 'Postfix takes it, over TLS by a private CA and logged in'
wait_for_mails ada 1 && wait_for_mails grace 1 && wait_for_mails audit 1
is "$(read_mail ada 'm["Subject"]')" 'Größe: 你好 🙂' 'the subject is what it was'
is "$(read_mail ada 'm.get_body(("plain",)).get_content()')" $'Füße\n.\nFrom here\n..two' 'and the text, with its dots'
is "$(read_mail ada 'm.get_body(("html",)).get_content().strip()')" '<p>Füße 你好</p>' 'and the HTML'
is "$(read_mail ada '[(a.get_filename(), a.get_content()) for a in m.iter_attachments()]')" "[('Maße.csv', 'a;b')]" 'and the attachment'
is "$(read_mail audit '(m["To"], m["Cc"], m["Bcc"], m["Return-Path"], m["Delivered-To"], m["Auto-Submitted"])')" \
    "('ada@box.example', 'Grace <grace@box.example>', None, '<bounces+0199aaaa-0000-7000-8000-000000000001@box.example>', 'audit@box.example', 'auto-generated')" \
    'a blind copy says whom it is for, and not to whom else it went'
is "$(read_mail ada 'm["Message-ID"]')" '<0199aaaa-0000-7000-8000-000000000001@box.example>' 'its id is the delivery'
like "$(grep -c "$(answers .message_id): from=<bounces+" "$postfix_dir/log")" '^[1-9]' "the message id is Postfix's queue id"
like "$(cat "$postfix_dir/log")" 'sasl_method=PLAIN, sasl_username=robot' 'it logged in'

# -- many
before=$(connections)
settings one in_flight=1
for i in $(seq 200); do message $((100 + i)) "many@box.example" '{"body": "'"$i"' ü"}'; done | send one
is "$(answers .outcome | sort | uniq -c | tr -s ' ')" ' 200 sent' '200 mails'
is "$(($(connections) - before))" 1 'over one connection'
wait_for_mails many 200
is "$(cat "$(mailbox many)"/* | grep -c '^Subject: Title')" 200 'are in the mailbox'
settings four in_flight=4
before=$(connections)
for i in $(seq 40); do message $((500 + i)) "more@box.example"; done | send four
is "$(answers .outcome | sort | uniq -c | tr -s ' ') $(($(connections) - before))" ' 40 sent 4' 'and 40 over four at once'

# -- what it refuses
{ message 1 nobody@box.example; message 2 bob@box.example; message 3 no-such@box.example; message 4 carol@box.example; } | send one
is "$(answers '[.outcome, .code, .address_ended, .provider_fault] | join("|")')" $'failed|550|true|false\nsent|250|false|false\nfailed|550|true|false\nsent|250|false|false' \
    'a recipient that is not there is refused for good, and the next mails go over the same connection'
like "$(answers .error | head -1)" 'the recipient was refused: 550 5\.1\.1 <nobody@box\.example>: Recipient address rejected: User unknown' 'and why is told'
message 1 dave@box.example '{"cc": ["nobody@box.example", "erin@box.example"]}' | send one
is "$(answers '[.outcome, .address_ended] | join("|")')" 'sent|false' 'a copy that is refused keeps nobody from theirs'
like "$(answers .error)" '^not to nobody@box\.example: 550 5\.1\.1' 'and is told of'
wait_for_mails dave 1 && wait_for_mails erin 1
message 1 nobody@box.example '{"cc": ["copies@box.example"]}' | send one
is "$(answers .outcome) $(count_mails copies)" 'failed 0' 'where the recipient is refused, no copy goes'
{ message 1 'a@b@c'; message 2 ada@box.example '{"subject": "a\r\nBcc: eve@box.example"}'; message 3 'ada@box.example>
RCPT TO:<eve@box.example'; } | send one
is "$(answers '[.outcome, .code, .provider_fault] | join("|")' | sort -u) $(count_mails eve)" 'failed|0|false 0' 'what would be a header or a command fails before anything is said'
message 1 'jürgen@box.example' '{"subject": "für Jürgen"}' | send good
is "$(answers .outcome)" sent 'an address in other letters (SMTPUTF8)'
wait_for_mails jürgen 1
message 1 ada@bücher.example | send good
like "$(answers)" '(failed|retry|sent).*' 'a domain in other letters'
like "$(cat "$postfix_dir/log")" 'to=<ada@xn--bcher-kva\.example>' 'is asked for in ASCII'

# -- the server and we
settings wrong password_file="$test_dir/wrong"
message 1 ada@box.example | send wrong
is "$(answers '[.outcome, .code, .provider_fault] | join("|")')" 'retry|535|true' 'a wrong password is no fault of the mail: it is tried again'
like "$(answers .error)" 'the mail server: 535 5\.7\.8 Error: authentication failed' 'and told'
settings untrusted ca_file=
message 1 ada@box.example | send untrusted
is "$(answers '[.outcome, .code, .provider_fault] | join("|")')" 'retry|0|true' 'a certificate that nobody vouches for: nothing is sent'
like "$(answers .error)" 'certificate' 'and why is told'
settings open username= password_file= starttls=no
message 1 ada@box.example | send open
is "$(answers '[.outcome, .code, .address_ended, .provider_fault] | join("|")')" 'failed|554|false|false' 'what needs a login is refused, and says nothing of the address'
settings clear starttls=yes
message 1 ada@box.example | send clear
like "$(cat "$test_dir/errors")" 'clear:[0-9]+: expected required, since there is a password' 'a password never goes without TLS'
postfix -c "$postfix_dir/etc" stop >/dev/null 2>&1
message 1 ada@box.example | send good
is "$(answers '[.outcome, .code, .provider_fault] | join("|")')" 'retry|0|true' 'a server that is not there is tried again'
done_testing
