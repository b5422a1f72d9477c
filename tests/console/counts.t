#!/bin/bash
# The figures of a list: arrivals are added without asking the database, and whatever else happens meanwhile they come out
# equal to COUNT.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start
psql_do "UPDATE nightbell.tenants SET settings = settings || '{\"rate_limit\": 0}'"
cluster_options="$cluster_options -c log_statement=all -c log_line_prefix=%a:"
server_restart

asked() { grep -c "^nightbell:.*$1" "$cluster_dir/server.log"; }
console_start -n ada ada 120x40
screen_wait '● live'
send "$ADA" "the first" >/dev/null
screen_wait '▌.*the first'
screen_wait '1 Inbox 1 '
screen_idle 500
isnt "$(asked 'SELECT count')" 0 "what the console asks is in the server's log"
counts=$(asked 'SELECT count') details=$(asked 'unnest') # the detail is asked for by key
for n in 1 2 3 4 5; do
    send "$ADA" "arrival $n" >/dev/null
    screen_wait "arrival $n"
    screen_wait "1 Inbox $((n + 1)) "
done
is "$(($(asked 'SELECT count') - counts < 10))" 1 "five arrivals are counted without asking each time"
is "$(asked unnest)" "$details" "and the detail of a row that is the same is not fetched again"
proved() { [ "$(asked 'SELECT count')" -ge $((counts + 2)) ]; }
ok "a count proves it afterwards" wait_for 10 proved
screen_shows '1 Inbox 6 ' "and says the same"

# somebody else's console reads the row that stands in the detail here
first=$(psql_do "SELECT id FROM nightbell.notifications WHERE title = 'the first'")
psql_person ada "SELECT * FROM nightbell.inbox_set_state('read', '{$first}', '{now}')" >/dev/null
screen_shows '1 Inbox 5 ' "what is read elsewhere is not unread here"
screen_shows 'read +[0-9]{4}-' "and the detail says when it was read"

# anything at all, from outside, while the list is scrolled, filtered, frozen
SEED=${SEED:-$$}
RANDOM=$SEED
diag "SEED=$SEED"
act() {
    local id
    id=$(psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$ADA' AND deleted_at IS NULL ORDER BY random() LIMIT 1")
    case $((RANDOM % 8)) in
    0 | 1 | 2) send "$ADA" "random $RANDOM" >/dev/null ;;
    3) psql_do "SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'for all $RANDOM', 'm')" >/dev/null ;;
    4) psql_person ada "SELECT * FROM nightbell.inbox_set_state('read', '{$id}', '{now}')" >/dev/null ;;
    5) psql_person ada "SELECT * FROM nightbell.inbox_set_state('archived', '{$id}', '{now}')" >/dev/null ;;
    6) psql_person ada "SELECT * FROM nightbell.inbox_set_state('read', '{$id}', '{NULL}')" >/dev/null ;;
    7) psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'many ' || n || ' $RANDOM', 'm') FROM generate_series(1, 30) AS n" >/dev/null ;;
    esac
}
wrong=0
for round in 1 2 3 4 5 6 7 8 9 10; do
    for n in 1 2 3 4 5 6; do
        act
        case $((RANDOM % 5)) in
        0) keys 'j' 'j' ;;
        1) keys 'G' ;;
        2) keys 'g' 'g' ;;
        3) keys 'p' 'p' ;;
        esac
    done
    unread=$(psql_person ada "SELECT count(*) FROM nightbell.inbox WHERE read_at IS NULL AND archived_at IS NULL")
    all=$(psql_person ada "SELECT count(*) FROM nightbell.inbox WHERE archived_at IS NULL")
    screen_wait "1 Inbox $unread .*" 15 && screen_wait "─ $all\b|of $all\b" 15 || wrong=$((wrong + 1))
done
is $wrong 0 "after each round of anything the figures are those of COUNT"

# Rows that were merged change by change are those that a fresh page has, before the console proves them by one.
psql_do 'TRUNCATE nightbell.notifications, nightbell.announcements CASCADE'
keys 'g' 'g' '<F5>'
screen_wait 'nothing has come yet'
pages() { grep -c 'WHERE i.id < ' "$cluster_dir/server.log"; } # no other statement is written like this
fresh() { psql_person ada "SELECT title FROM nightbell.inbox WHERE archived_at IS NULL ORDER BY id DESC LIMIT 15" | head -15; }
shown() { screen_text | grep -o 'zq[0-9]*' | head -15; }
same() { [ "$(shown)" = "$(fresh)" ]; }
one() { psql_do "SELECT id FROM nightbell.notifications WHERE user_id = '$ADA' AND deleted_at IS NULL ORDER BY id DESC LIMIT 12" | sort -R | head -1; }
change() {
    number=$((number + 1))
    case $((RANDOM % 7)) in
    0) psql_do "UPDATE nightbell.announcements SET deleted_at = now() WHERE id = (SELECT id FROM nightbell.announcements WHERE deleted_at IS NULL ORDER BY random() LIMIT 1)" ;;
    1) psql_do "SELECT nightbell.announce('$ACME', 'TEST_NOTE', 'zq$number', 'm')" >/dev/null ;;
    2) psql_person ada "SELECT * FROM nightbell.inbox_set_state('deleted', '{$(one)}', '{now}')" >/dev/null ;;
    3) psql_do "DELETE FROM nightbell.notifications WHERE id = '$(one)'" ;; # as the purge does
    4) psql_person ada "SELECT * FROM nightbell.inbox_set_state('read', '{$(one)}', '{now}')" >/dev/null ;;
    *) send "$ADA" "zq$number" >/dev/null ;;
    esac
}
wrong=0
# 24 changes may take away as many: 15 are left, so that what follows the list on the screen (the detail's title) is not read
number=40
psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'zq' || n, 'm') FROM generate_series(1, $number) AS n" >/dev/null
keys 'g' 'g'
wait_for 10 same || wrong=1
for round in 1 2 3 4 5 6 7 8; do
    keys 'g' 'g' # the cursor stays on its row, and that goes down with what arrives
    for n in 1 2 3; do change; done
    wait_for 10 same || { wrong=$((wrong + 1)); diag "shown $(shown | xargs), fresh $(fresh | xargs)"; }
done
is $wrong 0 "after each round of changes the rows are those of a fresh page"
keys 'g' 'g'
screen_idle 500
before=$(pages)
for n in 1 2 3; do
    send "$ADA" "zq$((number += 1))" >/dev/null
    screen_wait "zq$number"
done
is "$(($(pages) - before))" 0 "three arrivals are merged without a page"
proved() { [ "$(pages)" -gt "$before" ]; }
ok "which proves them afterwards" wait_for 10 proved
done_testing
