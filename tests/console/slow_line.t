#!/bin/bash
# Over a slow line the round trips take the time. They are counted by a relay that delays 75 ms each way.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
cluster_start

for n in 1 2 3 4 5; do notify ada "row $n" >/dev/null; done
relays=()
end_relays() { kill "${relays[@]}"; }
at_exit end_relays
# A relay of its own that passes on only so many turns (relay.c). A turn: the client sends after it has heard from the server.
line() {
    mkdir "$test_dir/$1"
    "$builddir/tests/lib/relay" "$test_dir/$1/.s.PGSQL.5432" "$cluster_dir/.s.PGSQL.5432" 75 ${2:+"$2"} >"$test_dir/$1/turns" &
    relay=$!
    relays+=("$relay")
    wait_for 5 test -S "$test_dir/$1/.s.PGSQL.5432" || bail_out "the relay does not start"
    turns=$test_dir/$1/turns
    slow="host=$test_dir/$1 dbname=nightbell user=nightbell_console"
}
mark() { marked=$(wc -l <"$turns"); }
at_most() { local count=$(($(wc -l <"$turns") - marked)); diag "$2: $count turns"; ok "$2: at most $1" test "$count" -le "$1"; }
console() { screen_start 120x30 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$slow" NIGHTBELL_TOKEN_FILE="$(token_file ada)" "$nightbell"; }

# -- commands
line commands
mark
PGHOST=$test_dir/commands psql -XqAt -c 'SELECT 1' >/dev/null
at_most 3 "psql connects, asks, and says goodbye"
mark
is "$(cluster_dsn=$slow person ada "$nightbell" inbox count)" 5 "a command answers"
at_most 3 "a command connects, asks who it is and what is wanted in one, and says goodbye"

# -- the console: what is asked in a further turn is held back
line console 2
console
screen_shows '^▌.*row 5' "rows after two turns: to connect, and to ask for everything"
screen_shows 'row 1 of 5' "their count with them"
kill -USR1 "$relay"
screen_wait 'live'
screen_idle 1000
kill -USR2 "$relay"
keys ':filter "row 3"<Enter>'
screen_shows '^▌.*row 3' "a filter after one turn"
kill -USR1 "$relay"
screen_idle 1000
kill -USR2 "$relay"
keys 'a'
# In the list of messages, since the last line says "no answer for 5 s" once the look has waited so long.
keys 'M'
screen_shows 'archived "row 3' "an act after one turn; the look behind it is held back"
keys 'q'
kill -USR1 "$relay"
screen_end

# -- a session that is refused
psql_do 'INSERT INTO nightbell.migrations SELECT (jsonb_populate_record(m, jsonb_build_object($$version$$, 9999))).* FROM nightbell.migrations AS m ORDER BY m.version DESC LIMIT 1' >/dev/null
console
screen_shows 'the database has schema version 9999' "a refused session says why"
ok "what went ahead is not shown" test "$(screen_text | grep -c 'row [1-5]')" -eq 0
psql_do 'DELETE FROM nightbell.migrations WHERE version = 9999' >/dev/null
keys '<F5>'
screen_shows '^▌.*row 5' "the next session asks anew"

done_testing
