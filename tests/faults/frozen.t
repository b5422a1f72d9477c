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
act_is_there() { [ "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE read_at IS NOT NULL")" = 1 ]; }
ok "the act went through" wait_for 10 act_is_there
notify ada "after the thaw" >/dev/null
keys g g
screen_shows 'after the thaw' "and bells arrive"

server_freeze
keys q
is "$(screen_exit)" "exit 0" "it can be left while the server is stopped"
screen_is_sane "left while the server is stopped"
server_thaw

# Commands: each gives up soon, and says why
stopped() {
    local name=$1
    shift
    run "$@"
    is_status 5 "$name: exit code 5"
    like "$err" 'no answer from the database within 2 s' "$name: and says how long it waited"
}
person app true # its token, while the server answers
server_freeze
stopped "a list" person ada "$nightbell" inbox list --timeout 2
stopped "a notification" person app "$nightbell" notify --user "$ADA" --type TEST_NOTE --title frozen --message m --timeout 2
stopped "what an administrator does" env NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" key list --timeout 2
stopped "a watch that never began" person ada "$nightbell" watch --timeout 2
server_thaw
# in the middle of a statement: waiting for a lock, the server is just as silent
mkfifo "$test_dir/lock"
"$pg_bin/psql" -XqAt <"$test_dir/lock" >"$test_dir/locked" &
exec 7>"$test_dir/lock"
echo "BEGIN; LOCK TABLE nightbell.notifications IN ACCESS EXCLUSIVE MODE; SELECT 'locked';" >&7
wait_for 10 grep -q locked "$test_dir/locked"
stopped "a list that is under way" person ada "$nightbell" inbox list --timeout 2
stopped "a notification that is under way" person app "$nightbell" notify --user "$ADA" --type TEST_NOTE --title frozen --message m --timeout 2
exec 7>&-
run person ada "$nightbell" inbox list --timeout 0
is_status 2 "a timeout of nothing is refused"
run person ada "$nightbell" inbox list --timeout 2
is_status 0 "all is well afterwards"
done_testing
