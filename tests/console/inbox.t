#!/bin/bash
# The Inbox: what it looks like, wide and narrow, and each of its acts with its undo.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

console_start -n ada ada 80x16
screen_shows 'nothing has come yet' "an empty inbox says so"

first=$(send "$ADA" "the first one" "hello
ada")
send "$ADA" "the second one" >/dev/null
third=$(psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'PAYMENT_RECEIVED', 'the third one', '10.00 EUR from bob',
    data => '{\"paymentId\": \"8f14e45f-ceea-467f-a0e6-3b1f6f2c7a11\", \"amount\": 10, \"currency\": \"EUR\"}', link => 'https://acme.example/p/1',
    actor => '$BOB', urgency => 'high')")
psql_do "SELECT nightbell.announce('$ACME', 'BROADCAST_MESSAGE', 'to everybody', 'maintenance at noon', data => '{\"messageId\": \"8f14e45f-ceea-467f-a0e6-3b1f6f2c7a11\"}')" >/dev/null
screen_wait 'to everybody' && screen_wait 'Inbox 4'
keys 'g' 'g'
screen_is "four arrived by doorbell; the cursor is on the newest" <<'END'
 nightbell   1 Inbox 4                                  ada@acme  ● live  hh:mm
 all ─────────────────────────────────────────────────────────────── row 1 of 4
▌ ●       ##s BROADCAST_MESSAGE   ◈ to everybody
  ● HIGH  ##s PAYMENT_RECEIVED    the third one                      bob       ↗
  ● CRIT  ##s SYSTEM_EVENT        the second one
  ● CRIT  ##s SYSTEM_EVENT        the first one








 r read  U unread  R read all  a archive  d delete  t act  . only unread  ? help
END
is "$(screen_cursor)" "2 0" "the hardware cursor stands on the selected row"

keys 'j' 'j' 'j'
screen_wait '^▌ ● CRIT .*the first one'
is "$(inbox_field "$first" 'read_at IS NULL')" t "moving the cursor reads nothing"
keys '<Enter>'
screen_wait '^ hello$'
screen_shows '^ ada$' "a message keeps its lines"
is_read() { [ "$(inbox_field "$1" 'read_at IS NOT NULL')" = t ]; }
ok "opening it reads it" wait_for 5 is_read "$first"
keys 'q'
screen_shows '^▌ · CRIT .*the first one' "and it is drawn as read"
keys 'u'
screen_shows 'undid: marked "[^"]+" read' "which can be undone too"
is "$(inbox_field "$first" 'read_at IS NULL')" t "in the database as well"

keys '.'
screen_wait '^ is:unread .* 4 of 4$'
keys 'r'
screen_wait 'marked "[^"]+" read · u undo'
screen_shows '^▌ · CRIT .*the first one' "what was just read stays where it is, although the filter is is:unread"
screen_shows '^ is:unread .* 3 of 4$' "and is not counted any more"
keys '.' '.'
screen_lacks 'the first one' "applying the filter again removes it"
keys '.'
screen_wait 'the first one'
keys 'G'
screen_wait '^▌ · CRIT .*the first one'
keys 'U'
screen_shows 'marked "[^"]+" unread' "unread"
is "$(inbox_field "$first" 'read_at IS NULL')" t "in the database"

keys 'g' 'g' 'j' 'a'
screen_shows 'archived "[^"]+"' "archive"
is "$(inbox_field "$third" 'archived_at IS NOT NULL')" t "in the database"
keys 'u'
screen_wait 'undid: archived "[^"]+"'
is "$(inbox_field "$third" 'archived_at IS NULL')" t "and back"
keys 'd'
screen_wait 'deleted "[^"]+"'
screen_lacks 'HIGH.*the third one' "a deleted row leaves at once"
is "$(inbox_field "$third" 'deleted_at IS NOT NULL')" t "in the database"
keys 'u'
screen_wait 'undid: deleted "[^"]+"'
screen_shows 'HIGH.*the third one' "and comes back"
is "$(inbox_field "$third" 'deleted_at IS NULL')" t "in the database too"
keys '<C-r>'
screen_wait '^ deleted "[^"]+"'
keys 'u'
screen_shows '^ undid: deleted "[^"]+"' "redo and undo again"

keys 'R'
screen_shows 'mark 4 notifications read\? \(y/n\)' "read all asks with the exact count"
send "$ADA" "too late to be meant" >/dev/null
screen_wait 'too late to be meant'
keys 'y'
screen_shows '^ marked 4 notifications read' "and reads them"
screen_shows 'Inbox 1 ' "but not what came after the key"
keys 'u'
screen_shows 'undid: marked 4 notifications read' "its undo"
screen_shows 'Inbox 5 ' "brings them all back"

keys '*' 'r'
screen_wait 'mark read 5 notifications: "too late to be meant", .* \(y/n\)'
keys 'y'
screen_shows '^ marked 5 notifications read' "all that match, marked with one key"
keys 'u'
screen_wait '^ undid: marked 5 notifications read'
screen_wait 'Inbox 5 '

keys 'g' 'g'
screen_wait '^▌ .*too late to be meant'
keys '<Space>' '<Space>' 'r'
screen_shows '^ marked 2 notifications read' "two marked rows"
keys 'u'
screen_wait '^ undid: marked 2 notifications read'
keys 'V' 'j' 'j' 'r'
screen_shows '^ marked 3 notifications read' "a range of three"
keys 'u'
screen_wait 'undid: marked 3 notifications read'

opened=$test_dir/opened
printf '#!/bin/sh\nprintf "%%s %%s" "$#" "$1" >%s.new && mv %s.new %s\n' "$opened" "$opened" "$opened" >"$test_dir/opener"
chmod +x "$test_dir/opener"
keys ':set link-opener no-such-opener<Enter>' 'g' 'g' 'j' 'j'
screen_wait '^▌ .*the third one'
keys 'o'
screen_shows '^ no-such-opener: there is no such program in PATH' "an opener that is not there is named"
keys ":set link-opener $test_dir/opener<Enter>" 'o'
ok "a link goes to the opener" wait_for 30 test -f "$opened"
is "$(cat "$opened")" "1 https://acme.example/p/1" "as its one argument"
screen_wait 'opener took https://acme.example/p/1' # it has ended, so its message cannot hide the next one

screen_mark
keys 'g' 'g' 'j' 'j' 'y' 'l'
screen_shows 'link sent to the terminal' "copying"
is "$(screen_osc | grep -c "^52;")" 2 "by OSC 52, as the link before that nothing took"
like "$(screen_osc)" "52;c;$(printf %s https://acme.example/p/1 | base64)" "the link itself"

screen_resize 160x20
screen_wait 'link +https://acme.example/p/1'
screen_is "side by side where titles keep fifty cells, with the data" <<'END'
 nightbell   1 Inbox 5                                                                                                     ada@acme  until hh:mm  ● live  hh:mm
 all ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── row 3 of 5
  ● CRIT  ##s SYSTEM_EVENT            too late to be meant                                             │ the third one
  ●       ##s BROADCAST_MESSAGE       ◈ to everybody                                                   │
▌ ● HIGH  ##s PAYMENT_RECEIVED        the third one                                      bob          ↗│ 10.00 EUR from bob
  ● CRIT  ##s SYSTEM_EVENT            the second one                                                   │
  ● CRIT  ##s SYSTEM_EVENT            the first one                                                    │ link        https://acme.example/p/1
                                                                                                       │ type        PAYMENT_RECEIVED
                                                                                                       │ urgency     high
                                                                                                       │ from        bob
                                                                                                       │ channel     in_app
                                                                                                       │ received    yyyy-mm-dd hh:mm:ss UTC
                                                                                                       │ id          uuuuuuuu-uuuu-uuuu-uuuu-uuuuuuuuuuuu
                                                                                                       │
                                                                                                       │ {
                                                                                                       │     "amount": 10,
                                                                                                       │     "currency": "EUR",
                                                                                                       │     "paymentId":                                      ↓
 (hints)
 link sent to the terminal
END
screen_resize 40x10
screen_wait 'the third one'
screen_is "40x10" <<'END'
 1 Inbox 5                       ● live
 all ──────────────────────────────── 5
  ● CRIT  ##s too late to be meant
  ●       ##s ◈ to everybody
▌ ● HIGH  ##s the third one            ↗
  ● CRIT  ##s the second one
  ● CRIT  ##s the first one

 r read  U unread  R read all  ? help
 link sent to the terminal
END
keys '<Enter>'
screen_wait '10.00 EUR'
screen_is "the detail fills 40x10" <<'END'
 1 Inbox 4                       ● live
 all ──────────────────────────────── 5
 the third one

 10.00 EUR from bob

 link        https://acme.example/p/1
 type        PAYMENT_RECEIVED         ↓
 q back  J next  K previous  ? help
END
screen_resize 39x10
screen_shows 'needs more room' "below that it asks for room"
screen_resize 80x16
keys 'q'
asked=$(psql_do "SELECT nightbell.produce_many('notify', ARRAY['{\"tenant\": \"$ACME\", \"user\": \"$ADA\", \"type\": \"SYSTEM_EVENT\", \"title\": \"a question\",
    \"message\": \"yes or no\", \"data\": {\"eventId\": 2, \"severity\": \"low\"}, \"actions\": [{\"id\": \"yes\", \"label\": \"Approve\"}, {\"id\": \"no\", \"label\": \"Reject\", \"link\": \"file:///etc/passwd\"}]}']::jsonb[])" |
    sed 's/^(1,\([^,]*\),.*/\1/')
screen_wait 'a question'
keys 'g' 'g' 't'
screen_wait 'Reject'
keys 'A' 'p' 'p' '<Enter>'
screen_shows 'took: Approve' "an action is taken"
is "$(inbox_field "$asked" action_taken)" yes "and that is noted in the database"
keys ':take-action approve<Enter>'
screen_shows 'taken already: Approve' "taking it again says so"
keys ':take-action reject<Enter>'
screen_shows 'links of this kind are not allowed' "an action whose link cannot be opened is not taken"
is "$(inbox_field "$asked" action_taken)" yes "nor noted"
keys '<Enter>'
screen_shows 'Approve \]  taken' "the detail shows which one was taken"
keys 'q' 'q'
is "$(screen_exit)" "exit 0" "q quits"
screen_is_sane "at the end"
done_testing
