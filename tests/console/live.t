#!/bin/bash
# A list that is alive: arrivals at the top and out of sight, freezing, bursts, search, resizing, quiet when nothing happens.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'SYSTEM_EVENT', 'row ' || lpad(n::text, 4, '0'), 'message of row ' || n, '{\"eventId\": 1, \"severity\": \"high\"}')
    FROM generate_series(1, 1200) AS n" >/dev/null
console_start -n ada ada 80x20
screen_wait '^▌.*row 1200'
screen_shows ' 1,200$' "the exact count"
keys 'G'
screen_shows '^▌.*row 0001' "the oldest row, at once"
keys '<PageUp>' '<PageUp>'
screen_wait 'row 0031'
keys 'g' 'g'
screen_wait '^▌.*row 1200'
keys '9' '0' '0' 'j'
screen_shows '^▌.*row 0300' "a count moves across many pages"
send "$ADA" "row 1201" >/dev/null
send "$ADA" "row 1202" >/dev/null
screen_shows '↑ 2 new$' "what arrives out of sight is counted"
screen_shows '^▌.*row 0300' "and the cursor stays on its row"
keys '^'
screen_shows '^▌.*row 1202' "a key goes there"
screen_gone '↑ 2 new'
keys 'j' 'j'
send "$ADA" "row 1203" >/dev/null
screen_wait 'row 1203'
screen_shows '^▌.*row 1200' "at the top arrivals slide in, and the cursor stays on its row"

keys 'p'
screen_wait '‖ frozen'
send "$ADA" "while frozen" >/dev/null
screen_shows '↑ 1 new · ‖ frozen' "frozen, arrivals are counted"
is "$(row_count 'while frozen')" 0 "and not shown"
keys 'p'
screen_shows 'while frozen' "until it goes on"
screen_gone '‖'

psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'SYSTEM_EVENT', 'burst ' || n, 'm', '{\"eventId\": 1, \"severity\": \"high\"}') FROM generate_series(1, 2000) AS n" >/dev/null
screen_shows '^▌.*row 1200' "a burst of 2,000 does not move the cursor off its row"
screen_shows '3,204 ' "and all are counted"
keys 'g' 'g'
screen_shows '^▌.*burst 2000' "the newest"

# Search: in the database, as it is typed.
keys '/'
screen_wait '^/'
keys 'row 0777'
screen_shows '^▌.*row 0777' "found while typing, far away"
keys '<Enter>' '/' 'nothing like it'
screen_wait '^/nothing like it'
keys '<Esc>'
screen_gone '^/nothing'
screen_shows '^▌.*row 0777' "Esc goes back to where it began"
keys ':search row 08<Enter>'
screen_wait '^▌.*row 08[0-9][0-9]'
keys ':filter row<Enter>'
screen_shows ' 1,203 of 3,204' "words filter as well"
keys 'F'
screen_wait ' 3,204$'

# Only what changes is sent, and nothing when nothing does.
keys 'g' 'g'
screen_wait '^▌.*burst 2000'
screen_idle 1000
quiet() { # true when one of two looks saw no byte: the clock on the screen may change during the other
    local look
    for look in 1 2; do
        screen_mark
        [ "$(screen_bytes 1500)" != 0 ] || return 0
    done
    return 1
}
ok "nothing is sent while nothing happens" quiet
screen_mark
keys 'j'
screen_wait '^▌.*burst 1999'
screen_idle
moved=$(screen_bytes 50)
ok "a cursor move takes at most 200 bytes ($moved)" test "$moved" -le 200

# A storm of resizes.
for size in 200x60 40x10 120x30 39x9 300x100 80x24 41x11 119x25 80x20; do screen_resize "$size"; done
screen_shows '^▌.*burst 1999' "after a storm of resizes all is in its place"
screen_shows '^ nightbell +1 Inbox 3,204 .* ● live +[0-9:]{5}$' "the header too"
keys 'r'
screen_wait 'marked "[^"]+" read'

# Stopped, it pins nothing on the server; going on, it catches up. (^Z and fg, which need a shell: faults/terminal.t.)
screen_signal STOP
is_stopped() { [ "$(ps -o stat= -p "$(screen_pid)" | cut -c1)" = T ]; }
ok "it is stopped" wait_for 5 is_stopped
is "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell' AND (backend_xmin IS NOT NULL OR state <> 'idle')")" 0 \
    "a stopped console holds no snapshot"
send "$ADA" "while stopped" >/dev/null
screen_signal CONT
screen_wait 'Inbox 3,204'
keys '^'
screen_shows 'while stopped' "it catches up when it goes on"

# Saving the screen.
keys ":save-screen $test_dir/saved.txt<Enter>"
screen_wait 'the screen is in'
like "$(cat "$test_dir/saved.txt")" 'while stopped' "the screen as text in a file"

screen_signal TERM
is "$(screen_exit)" "exit 0" "SIGTERM ends it"
screen_is_sane "after SIGTERM"
done_testing
