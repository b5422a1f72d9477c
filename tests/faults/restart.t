#!/bin/bash
# The server goes away under an open console and comes back: shown at once, rows stay, nothing is missed, nothing twice.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start --durable
for n in 1 2 3; do notify ada "before $n" >/dev/null; done
console_start ada
screen_wait 'before 3'

server_stop immediate
screen_shows 'retry in [0-9]+ s|connecting' "the loss is shown, with the countdown to the next try"
screen_shows 'stale since' "what is shown is marked as stale"
is "$(row_count 'TEST_NOTE +before [123](  |$)')" 3 "the rows stay"
screen_mark
keys j
isnt "$(screen_bytes)" 0 "keys still work"

server_start
for n in 1 2; do notify ada "after $n" >/dev/null; done
screen_shows '● live' "it reconnects by itself"
screen_shows 'after 2' "and catches up"
screen_lacks 'stale since' "nothing is stale any more"
keys g g
screen_idle
is "$(row_count 'TEST_NOTE +(before|after) [0-9](  |$)')" 5 "all rows are there, none twice"

notify ada "and live again" >/dev/null
screen_shows 'and live again' "bells arrive again"

server_restart fast
notify ada "after a second restart" >/dev/null
screen_shows 'after a second restart' "a restart in a moment is survived too"
is "$(row_count 'TEST_NOTE +after a second restart(  |$)')" 1 "its row is there once"

is "$(kill_backends)" 1 "an administrator ends the session"
notify ada "after the backend was killed" >/dev/null
screen_shows 'after the backend was killed' "a killed backend costs nothing"
screen_shows '● live' "live"
is "$(row_count 'TEST_NOTE +after the backend was killed(  |$)')" 1 "its row is there once"
console_quit "after all that"
done_testing
