#!/bin/bash
# Over a slow line round trips are what is waited for: they are counted, by a relay that delays 75 ms each way.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
cluster_start

for n in 1 2 3 4 5; do notify ada "row $n" >/dev/null; done
mkdir "$test_dir/line"
"$builddir/tests/lib/relay" "$test_dir/line/.s.PGSQL.5432" "$cluster_dir/.s.PGSQL.5432" 75 >"$test_dir/turns" &
relay=$!
end_relay() { kill "$relay"; }
at_exit end_relay
wait_for 5 test -S "$test_dir/line/.s.PGSQL.5432" || bail_out "the relay does not start"
slow="host=$test_dir/line dbname=nightbell user=nightbell_console"
# A turn: a client speaks after the server has.
mark() { marked=$(wc -l <"$test_dir/turns"); }
at_most() { local turns=$(($(wc -l <"$test_dir/turns") - marked)); diag "$2: $turns turns"; ok "$2: at most $1" test "$turns" -le "$1"; }

mark
PGHOST=$test_dir/line psql -XqAt -c 'SELECT 1' >/dev/null
at_most 3 "psql connects, asks, and says goodbye"
mark
is "$(cluster_dsn=$slow person ada "$nightbell" inbox count)" 5 "a command answers"
at_most 3 "a command connects, asks who it is and what is wanted in one, and says goodbye"
mark
screen_start 120x30 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$slow" NIGHTBELL_TOKEN_FILE="$(token_file ada)" "$nightbell"
screen_wait '^▌.*row 5'
at_most 5 "the first screen, and what is asked behind it"
screen_wait 'live'
screen_idle 1000
mark
keys ':filter "row 3"<Enter>'
screen_wait '^▌.*row 3'
at_most 1 "a filter"
screen_idle 1000
mark
keys 'a'
screen_wait 'archived "row 3'
at_most 2 "an act, and the look behind it"

done_testing
