#!/bin/bash
# Mail servers that refuse, hang, greylist, talk nonsense and close half way: each answer is bounded, decided by the reply's code, and
# the loop turns all the while.
. "${srcdir:-.}/tests/lib/tap.sh"

# with BEHAVIOUR COUNT [LINE…]: sends COUNT mails at once to such a server
with() {
    local count=$2 behaviour=$1 line i
    shift 2
    rm -f "$test_dir/server" # of the one before
    mkfifo "$test_dir/stop"
    python3 "$srcdir/tests/channels/smtp_server.py" "$behaviour" <"$test_dir/stop" >"$test_dir/server" 2>"$test_dir/server.err" &
    exec 9>"$test_dir/stop"
    wait_for 20 test -s "$test_dir/server"
    {
        printf '%s\n' '[channel.email]' 'kind = smtp' "url = smtp://127.0.0.1:$(head -1 "$test_dir/server")" 'from = alerts@box.example' 'starttls = no' "$@"
        [[ "$*" = *time_limit* ]] || echo 'time_limit = 20s'
    } | awk -F' = ' '{ if (!($1 in at)) at[$1] = ++n; text[at[$1]] = $0 } END { for (i = 1; i <= n; i++) print text[i] }' >"$test_dir/conf"
    for ((i = 1; i <= count; i++)); do
        printf '{"delivery": "0199aaaa-0000-7000-8000-%012d", "to": "ada@box.example", "type": "T", "subject": "s", "body": "b", "created_ms": 1, "cc": %s}\n' "$i" "${copies:-[]}"
    done | "$builddir/tests/lib/mail_sender" "$test_dir/conf" >"$test_dir/answers" 2>"$test_dir/errors" || diag "$(cat "$test_dir/errors")"
    exec 9>&-
    wait
    rm "$test_dir/stop"
}
answers() { jq -r "${1:-[.outcome, .code, .address_ended, .provider_fault] | join(\"|\")}" <(head -n -1 "$test_dir/answers") | sort | uniq -c | sed 's/^ *//'; }
stalled() { jq .stalled_ms <(tail -1 "$test_dir/answers"); }

# behaviour | outcome | code | the address is ended | the provider is to blame | error
while IFS='|' read -r behaviour outcome error; do
    with "$behaviour" 1
    is "$(answers)" "1 ${outcome//,/|}" "$behaviour: what became of the mail"
    like "$(answers .error)" "$error" "$behaviour: and why"
done <<'END'
421@greeting|retry,421,false,true|the mail server: 421 4\.3\.2 going down
554@greeting|retry,554,false,true|the mail server: 554 5\.7\.1 spam
garbage@greeting|retry,0,false,true|.
close@greeting|retry,0,false,true|.
550@ehlo|sent,250,false,false|null
421@mail|retry,421,false,true|the sender was refused: 421
451@mail|retry,451,false,false|the sender was refused: 451 4\.3\.0 later
554@mail|failed,554,false,false|the sender was refused: 554
450@rcpt|retry,450,false,false|the recipient was refused: 450 4\.2\.0 <x>: greylisted
452@rcpt|retry,452,false,false|the recipient was refused: 452
550@rcpt|failed,550,false,false|the recipient was refused: 550 no such user here
571@rcpt|failed,550,false,false|the recipient was refused: 550 5\.7\.1 relaying denied
521@rcpt|failed,550,true,false|the recipient was refused: 550 5\.2\.1
421@rcpt|retry,421,false,true|421 4\.3\.2
close@rcpt|retry,0,false,true|the server closed the connection
garbage@rcpt|retry,0,false,true|the server's answer is no SMTP
endless@rcpt|retry,0,false,true|the server's answer is no SMTP
451@data|retry,451,false,false|the mail was refused: 451
421@data|retry,421,false,true|the mail was refused: 421
close@data|retry,0,false,true|the server closed the connection
451@text|retry,451,false,false|the mail was refused: 451
552@text|failed,552,false,false|the mail was refused: 552 5\.3\.4 too big
554@text|failed,554,false,false|the mail was refused: 554 5\.7\.1 spam \[2J
close@text|retry,0,false,true|the server closed the connection
END

for where in greeting ehlo mail rcpt data text; do
    with "hang@$where" 3 'time_limit = 1s'
    is "$(answers '[.outcome, .code, .provider_fault] | join("|")')" '3 retry|0|true' "hangs at $where: all end in time"
    ok "and the loop has turned meanwhile" test "$(stalled)" -lt 500
done

with stale 3 'in_flight = 1'
is "$(answers) $(grep -c MAIL "$test_dir/server")" '3 sent|250|false|false 4' 'a connection that the server closes between two mails costs none of them a try'
with close@mail 2 'in_flight = 1'
is "$(answers) $(grep -c MAIL "$test_dir/server")" '2 retry|0|false|true 2' 'but one that is new and closed at once does'
copies='["bob@box.example", "carol@box.example"]'
with slow 2 'in_flight = 1'
is "$(answers)" '2 sent|250|false|false' 'a server that takes one command at a time'
is "$(sed -n '3,9p' "$test_dir/server" | tr '\n' ',')" \
    '1 MAIL FROM:<alerts@box.example>,1 RCPT TO:<ada@box.example>,1 RCPT TO:<bob@box.example>,1 RCPT TO:<carol@box.example>,1 DATA,1 MAIL FROM:<alerts@box.example>,1 RCPT TO:<ada@box.example>,' 'is told them in turn'
with 450@rcpt 1
is "$(answers) $(grep -c DATA "$test_dir/server")" '1 retry|450|false|false 0' 'where the recipient is to wait, no copy goes before'
copies=
with good 1 'starttls = required'
is "$(answers) $(grep -c MAIL "$test_dir/server")" '1 retry|0|false|true 0' 'a server without TLS is told nothing where TLS is required'
done_testing
