#!/bin/bash
# Text that attacks the terminal: in every field, in list, detail, header, title, messages; no byte of it gets through.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

evil="E'\\x1b]0;owned\\x07\\x1b[2J\\u009b31m\\u202egpj.exe\\u202c\\u200b\\u00ad\\u2028line\\r\\n\\ttab\\U000e0041 end'"
# Written to the tables directly, because the functions refuse some of it; the screen must not rely on that.
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, data, link, urgency)
    VALUES (nightbell.uuidv7(), '$ACME', '$BOB', 'SYSTEM_EVENT', $evil, $evil, jsonb_build_object('k' || $evil, $evil), 'javascript:alert(1)', 'high')"
psql_do "INSERT INTO nightbell.admin_system_events (tenant_id, event_type, severity, description, details, fingerprint, source)
    VALUES ('$ACME', 'evil' || $evil, 'critical', $evil, jsonb_build_object('a', $evil), $evil, $evil)"
psql_do "UPDATE nightbell.users SET name = 'c' || chr(27) || '[31mevil' || chr(8238) WHERE id = '$CAROL'" >/dev/null

console_start -n bob bob 130x40
screen_shows '␛\]0;owned␇␛\[2J' "escape sequences are drawn as symbols"
keys '<Enter>' 'o'
screen_shows 'not opened' "a link of another scheme is not opened"
keys 'q' '2'
screen_wait 'evil'
keys '<Enter>'
screen_wait 'fingerprint'
keys 'J' 'q' '<M-a>'
screen_wait 'ada@acme'
keys '<Esc>'
screen_gone 'ada@acme'
keys ':note '
screen_wait '^:note'
paste $'pasted \e[31m\x07 text'
screen_wait 'pasted'
keys '<Enter>'
screen_wait 'added a note'
keys 'y' 'j'
screen_wait 'json sent to the terminal'
psql_do "SELECT nightbell.raise_event('again', 'critical', $evil, tenant => '$ACME')" >/dev/null
screen_wait 'again: '
keys ':filter owned'
screen_wait '^:filter owned'
keys '<Enter>'
screen_gone '^:filter'
title_is() { [ "$(screen_title)" = "$1" ]; }
ok "the window's title is ours" wait_for 5 title_is "nightbell ! 2 critical"

# The program's own sequences apart, no control character but those that move the cursor is among the bytes.
clean() {
    perl -0777 -ne 's/\e\[[0-9;?]*[a-zA-Z]//g; s/\e[()][0AB]//g; s/\e[=>78]//g; s/\e\]52;c;[A-Za-z0-9+\/=]*(\a|\e\\)//g;
        s/\e\](0|2);[\x20-\x7e]*(\a|\e\\)//g; s/\e\]11;\?(\a|\e\\)//g; s/\e\](9|777);[^\x00-\x1f\x7f]*(\a|\e\\)//g; s/\a//g; s/[\r\n\x08\x0f\x0e\t]//g;
        exit(/[\x00-\x1f\x7f]/ ? 1 : 0)' "$(screen_raw)"
}
ok "no control character of theirs is in the bytes" clean
no_text() { ! grep -qP "$1" "$(screen_raw)"; }
ok "no C1 control" no_text '\xc2[\x80-\x9f]'
ok "no bidi control, no zero-width, no line separator" no_text '\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]'
ok "no tag character, no soft hyphen" no_text '\xf3\xa0|\xc2\xad'
ok "nobody took the title" no_text '\x1b\]0;owned'
console_quit "in the end"
done_testing
