#!/bin/bash
# The Preferences: read, changed by keys and by what is typed, rolled back when they are refused, and read again when somebody
# changed them meanwhile.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start
word() { psql_do "SELECT enabled FROM nightbell.preferences WHERE user_id = '$ADA' AND type = '$1' AND module = '$2' AND channel = '$3'"; }
# What is shown at once is in the database a moment later.
word_is() { [ "$(word "$1" "$2" "$3")" = "$4" ]; }
told_is() { [ "$(told "$1")" = "$2" ]; }
words_are() { [ "$(psql_do "SELECT count(*) FROM nightbell.preferences WHERE user_id = '$ADA' AND type = 'TEST_NOTE' AND NOT enabled")" = "$1" ]; }
told() { psql -qXAt "host=$cluster_dir dbname=nightbell user=ada" -c 'SELECT nightbell.my_preferences()' | jq -r "$1"; }

console_start -n ada ada 100x40
keys 'gpjjj'
screen_shows '^▌ +digest' "keys in one burst with the one that opens them wait for the rows"
screen_shows 'quiet hours +off' "every user has them, and they begin with the settings"
screen_shows '^ +type +in_app +email +push +sms +webhook' "then types by channels"
screen_shows '^ +everything +·' "what one says of everything, of a module and of a type"
keys '/' 'TEST_NOTE' '<Enter>' '<Right>'
screen_shows '^ +email: on, by default; only where a rule names the channel · Of the tests' "a line says why the switch stands as it does"
keys '<Space>'
screen_shows 'TEST_NOTE +on +off +on' "space switches it off"
screen_shows 'TEST_NOTE.email: off' "and a message says so"
ok "in the database" wait_for 10 word_is TEST_NOTE '*' email f
ok "as the database tells it" wait_for 10 told_is '.types[] | select(.type == "TEST_NOTE") | .channels.email.enabled' false
screen_shows '^ +email: off, by your word' "whose word it is"
keys '<Space>'
screen_shows 'TEST_NOTE +on +on +on' "and on again"
ok "in the database" wait_for 10 word_is TEST_NOTE '*' email t
keys '0'
screen_shows '^ +email: on, by default' "0 takes the word back"
ok "in the database" wait_for 10 word_is TEST_NOTE '*' email ''
keys 'k' '<Space>'
screen_shows '^▌ test +· +off' "a module"
screen_shows 'TEST_NOTE +on +off' "holds for its types"
ok "in the database" wait_for 10 word_is '*' test email f
keys 'j'
screen_shows '^ +email: off, by your word for test' "and they say so"

# -- many at once: each is sent, in order
keys 'l' '<Space>' 'l' '<Space>' 'l' '<Space>'
screen_shows 'TEST_NOTE +on +off +off +off +off' "keys that come fast are all obeyed"
ok "each in the database" wait_for 10 words_are 3

# -- settings, typed as people type them
keys 'Q'
screen_shows '^quiet hours \(.*22:00-07:00' "quiet hours are asked for"
keys '22<Enter>'
screen_shows 'expected|quiet' "what is no time of day is refused where it is typed"
keys '<C-u>' '22:00-07:00<Enter>'
screen_shows 'quiet hours +22:00-07:00' "they are shown"
ok "and in the database" wait_for 10 told_is '.quiet.from' '22:00'
keys 'D'
screen_wait 'do not disturb ─'
keys '2h'
screen_shows '2h +until [0-9:]{5}, in [12]h' "do not disturb takes a time as a snooze does"
keys '<Enter>'
screen_shows '^ +do not disturb +[0-9:]{5}' "and says until when"
keys 'D'
screen_wait 'do not disturb ─'
keys 'none' '<Enter>'
screen_shows '^ +do not disturb +off' "and ends it"
keys 'i'
screen_wait '^digest \('
keys 'daily@08:00<Enter>'
screen_shows '^ +digest +daily@?.*08:00' "a digest"
keys ':prefer quiet-days=sat,sun<Enter>'
screen_shows '^ +quiet days +sat, ?sun' "any of them by what is typed"
keys ':prefer nonsense=1<Enter>'
screen_shows 'there is no preference "nonsense"' "what there is not is said"

# -- changed elsewhere meanwhile: refused, read again
console_start -n other ada 100x40
keys ':prefs<Enter>'
screen_wait 'digest +daily'
keys ':prefer digest=hourly<Enter>'
screen_wait '^ digest: hourly'
screen_shows 'digest +hourly' "another console of hers changes them"
screen_end
screen_use ada
keys 'h' 'h' 'h' 'h' '<Space>'
screen_shows 'changed your preferences elsewhere' "who changed them in another console loses nothing"
screen_shows '^ +digest +hourly' "the screen shows what they are now"
ok "and what was pressed upon the old ones did not happen" wait_for 10 word_is TEST_NOTE '*' in_app ''
keys '<Space>'
screen_shows 'TEST_NOTE +off' "pressed again it does"

# -- Tab behind :prefer
keys ':prefer TEST_NO<Tab>'
screen_shows ':prefer TEST_NOTE\.' "Tab completes a type"
keys 'em<Tab>'
screen_shows ':prefer TEST_NOTE\.email=' "its channel"
keys 'de<Tab>'
screen_shows ':prefer TEST_NOTE\.email=default' "and the value"
keys '<C-u>prefer module:te<Tab>'
screen_shows ':prefer module:test\.' "a module"
keys '<C-u>prefer quiet-<Tab>'
screen_shows ':prefer quiet-days=' "a setting"
keys '<C-c>'
screen_gone ':prefer'

# -- the mouse: a click goes to a switch, a double one turns it
row_of() { screen_text | grep -nE "$1" | head -1 | cut -d : -f 1; }
click() { # at the row (from 1) and column (from 0)
    mouse p 1 $(($1 - 1)) "$2"
    mouse r 1 $(($1 - 1)) "$2"
}
at=$(screen_text | grep -E '^ +type +in_app')
at=${at%%push*}
keys 'k'
screen_shows '^▌ test' "from another row"
row=$(row_of 'TEST_NOTE +o')
click "$row" $((${#at} + 1))
screen_shows '^ +push: ' "a click goes to the switch"
is "$(word TEST_NOTE '*' push)" f "and turns nothing"
click "$row" ${#at}
click "$row" ${#at}
screen_shows 'TEST_NOTE.push: on' "a double one does"
ok "in the database" wait_for 10 word_is TEST_NOTE '*' push t
click "$(row_of 'quiet hours ')" 20
screen_shows '^ +quiet hours: on your clock' "a setting is gone to"
click "$(row_of 'quiet hours ')" 21
click "$(row_of 'quiet hours ')" 21
screen_shows '^quiet hours \(.*22:00-07:00' "and asked for"
keys '<Esc>'
screen_gone '^quiet hours \(.*22:00'

# -- help, back, narrow
keys '?'
screen_shows '^Preferences' "help begins with its keys"
screen_shows 'Q +quiet hours +:prefer quiet' "made from the keymap"
keys 'q' 'q'
screen_shows '^ all ' "back leads to the inbox"
keys ':prefs<Enter>'
screen_resize 40x10
keys '/' 'TEST_NOTE' '<Enter>'
screen_shows '^▌ +TEST_NOTE +off +off' "at 40x10 the settings make room for the switches"
keys 'g' 'g'
screen_shows '^▌ quiet hours +22:00-07:00' "and come back with the cursor"
keys 'q'

# -- channels of the installation's own: a column each, and where they do not fit the cursor brings them
psql_do "SELECT nightbell.register_channels('{chat,lobby}', '{program,program}', '{t,f}')" >/dev/null
screen_resize 100x40
keys ':prefs<Enter>'
screen_shows '^ +type +in_app +email +push +sms +webhook +chat +lobby' "they stand behind the others"
keys '/' 'TEST_NOTE' '<Enter>' $(printf '<Right> %.0s' 1 2 3 4 5 6)
screen_shows '^ +lobby: on, by default; only where a rule names the channel' "what all goes to one place needs no address"
keys '<Left>' '<Space>'
screen_shows '^ +chat: off, by your word; you have no address for it' "another does"
ok "it is switched like any other" wait_for 10 word_is TEST_NOTE '*' chat f
keys ':prefer TEST_NOTE.ch<Tab>'
screen_shows ':prefer TEST_NOTE\.chat=' "and completed"
keys '<Esc>'
screen_resize 40x12
screen_shows '^ +type +in_ ema .* cha…' "on a narrow screen there is more than fits"
keys '<Right>'
screen_shows '^ +type +…ema .* cha lob' "which the cursor brings"
screen_shows '^ +lobby: on' "and the last line names in full"
keys $(printf '<Left> %.0s' 1 2 3 4 5 6)
screen_shows '^ +type +in_ .* cha…' "and to the left again"
keys 'q'
console_quit "ada"
done_testing
