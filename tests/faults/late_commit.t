#!/bin/bash
# Ids are in order of creation, not of commit: a row whose producer took its id early and commits late is missed by no reader.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/console.sh"

cluster_start
notify ada "first of all" >/dev/null

# A producer whose transaction we hold open; each line of SQL is run when it is written.
mkfifo "$test_dir/slow"
as_app >"$test_dir/slow.out" 2>&1 <"$test_dir/slow" &
exec {slow}>"$test_dir/slow"
slow_did() { grep -q "$1" "$test_dir/slow.out"; }

person ada "$nightbell" watch inbox --json >"$test_dir/watched" 2>"$test_dir/watch.err" {slow}>&- &
watcher=$!
# person runs the command in a shell of its own: end both
stop_watcher() { kill $(ps -o pid= --ppid "$watcher") "$watcher" 2>/dev/null; }
at_exit stop_watcher
watched() { grep -c "$1" "$test_dir/watched"; }
console_start ada
screen_wait 'first of all'
# watch shows only what comes after its start: wait until it has started
seen_by_watch() { notify ada "ping $RANDOM$RANDOM" >/dev/null && wait_for 1 grep -q ping "$test_dir/watched"; }
ok "watch runs" wait_for 10 seen_by_watch

echo "BEGIN; SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'created early', 'm'); SELECT 'created';" >&$slow
ok "a producer creates a row and does not commit" wait_for 5 slow_did created
for n in 1 2 3; do notify ada "committed $n" >/dev/null; done
screen_shows 'committed 3' "others that commit meanwhile are shown"
ok "and watched" wait_for 5 grep -q 'committed 3' "$test_dir/watched"
screen_idle
is "$(row_count 'created early')" 0 "what is not committed is not shown"

echo "COMMIT; SELECT 'done';" >&$slow
screen_shows 'created early' "the late row appears in the console"
ok "watch prints it too" wait_for 5 grep -q 'created early' "$test_dir/watched"
like "$(screen_text | grep -oE 'committed [0-9](  |$)|created early(  |$)' | tr '\n' ' ')" \
    '^committed 3 +committed 2 +committed 1 +created early' "at its place: by the order of creation"

notify ada "the last one" >/dev/null
screen_wait 'the last one'
ok "watch goes on" wait_for 5 grep -q 'the last one' "$test_dir/watched"
is "$(watched 'created early')" 1 "watch printed the late row once"
is "$(watched 'committed')" 3 "and each of the others once"

# An announcement and the reader's receipt of it are two rows, and either may be the one that commits late.
psql_do "INSERT INTO nightbell.announcements (id, tenant_id, type, title, message) VALUES (nightbell.uuidv7(), '$ACME', 'TEST_NOTE', 'to everybody', 'm')"
ok "an announcement is watched" wait_for 5 grep -q 'to everybody' "$test_dir/watched"
mkfifo "$test_dir/change"
"$pg_bin/psql" -XqAt <"$test_dir/change" >"$test_dir/change.out" 2>&1 {slow}>&- &
exec {change}>"$test_dir/change"
echo "BEGIN; UPDATE nightbell.announcements SET link = 'https://example.org/late' WHERE title = 'to everybody'; SELECT 'changed';" >&$change
ok "somebody changes it and does not commit" wait_for 5 grep -q changed "$test_dir/change.out"
person ada "$nightbell" inbox read "$(psql_do "SELECT id FROM nightbell.announcements WHERE title = 'to everybody'")" >/dev/null
ok "its reader reads it meanwhile, which is watched" wait_for 5 grep -q '"change": *"read".*to everybody' "$test_dir/watched"
echo "COMMIT;" >&$change
ok "the late change is watched too" wait_for 5 grep -q 'example.org/late' "$test_dir/watched"
exec {change}>&- {slow}>&-
console_quit "the console"
done_testing
