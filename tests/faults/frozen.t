#!/bin/bash
# The server stops answering without going away (SIGSTOP): the console does not freeze with it.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
for n in $(seq 1 20); do notify ada "row $n" >/dev/null; done
console_start ada
screen_wait 'row 20'

server_freeze
for key in j k '<PageDown>' '?' '<Esc>' ':' '<Esc>' '<C-l>'; do
    screen_mark
    keys "$key"
    isnt "$(screen_bytes 2000)" 0 "$key is answered while the server is stopped"
    screen_idle 20
done
keys g g j j r
screen_shows 'no answer for [0-9]+ s' "an act that gets no answer is said so"
screen_resize 80x20
screen_shows '^ nightbell' "a resize is drawn"

server_thaw
screen_gone 'no answer for'
screen_shows '● live' "live again when it answers"
ok "the act went through" wait_for 10 test 1 = "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE read_at IS NOT NULL")"
notify ada "after the thaw" >/dev/null
keys g g
screen_shows 'after the thaw' "and bells arrive"

server_freeze
keys q
is "$(screen_exit)" "exit 0" "it can be left while the server is stopped"
screen_is_sane "left while the server is stopped"
server_thaw
done_testing
