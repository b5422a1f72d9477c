#!/bin/bash
# Quitting during an act on many rows: the act is finished first, however long a chunk takes; quitting again leaves the rest undone.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
SCREEN_SECONDS=60
cluster_start
psql_do "SELECT count(nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'row ' || i, 'm')) FROM generate_series(1, 9000) i" >/dev/null
unread() { psql_do "SELECT count(*) FROM nightbell.notifications WHERE user_id = '$ADA' AND read_at IS NULL"; }
begun() { [ "$(unread)" -lt 9000 ]; }
lock_a_row() { # in the middle of them, until release_it
    mkfifo "$test_dir/locking"
    exec 8<>"$test_dir/locking"
    "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 <"$test_dir/locking" >"$test_dir/locked" 8>&- &
    locker=$!
    echo "BEGIN; SELECT 'locked' FROM nightbell.notifications WHERE title = 'row 4000' FOR UPDATE;" >&8
    wait_for 10 grep -q locked "$test_dir/locked"
}
release_it() {
    printf 'COMMIT;\n\\q\n' >&8
    exec 8>&-
    wait "$locker"
    rm "$test_dir/locking"
}

lock_a_row
console_start ada 100x20
screen_wait ' of 9,000'
keys 'Ry'
ok "it has begun" wait_for 20 begun
keys 'q'
screen_shows 'then quits; to quit again leaves the rest undone' "to quit waits for it, and says so beside its bar"
is "$(screen_exit 4)" running "as long as a chunk waits for a row that somebody holds"
release_it
is "$(screen_exit)" "exit 0" "then it quits"
is "$(unread)" 0 "and all of them are read"

psql_do "UPDATE nightbell.notifications SET read_at = NULL" >/dev/null
lock_a_row
console_start ada 100x20
screen_wait ' of 9,000'
keys 'Ry'
ok "once more" wait_for 20 begun
keys 'q'
screen_wait 'then quits'
keys 'q'
is "$(screen_exit)" "exit 0" "to quit again does not wait"
release_it
isnt "$(unread)" 0 "and leaves the rest unread"
done_testing
