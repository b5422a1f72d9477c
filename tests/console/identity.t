#!/bin/bash
# Who may do what: an expired token, its renewal, no token at all, a login that is nobody.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start
one=$(send "$ADA" "the one row")

# A token that runs out while the console is open.
file=$test_dir/short.token
(umask 077 && make_token ada 4 >"$file")
screen_start -n ada 90x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$file" "$nightbell"
screen_shows '^▌.*the one row' "a valid token shows its rows"
screen_shows 'ada@acme +until [0-9:]+ ' "whose they are, and until when, since that is soon"
screen_shows '✗ read-only' "when it has expired the console says so"
screen_shows 'the one row' "and the screen stays"
keys 'r'
screen_shows 'read-only: ' "acts are refused with the reason"
is "$(inbox_field "$one" 'read_at IS NULL')" t "and change nothing"
(umask 077 && make_token ada 3600 >"$file.new") && mv "$file.new" "$file"
screen_shows '● live' "a new token file is picked up without a restart"
screen_shows "the new token is taken from" "which it says"
keys 'r'
screen_shows 'marked "[^"]+" read' "and acts work again"
keys ':whoami<Enter>'
screen_shows 'ada at acme \(user\), until ' "it tells who one is and until when"
screen_lacks 'ada@acme +until' "which is not soon now"
screen_resize 110x14
screen_shows 'ada@acme +until ' "but always shown where there is room"
console_quit "after that"

screen_start -n nobody 90x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" "$nightbell"
screen_shows 'read-only' "without a token the login is nobody"
screen_lacks 'the one row' "and sees nothing"
keys 'q'
is "$(screen_exit)" "exit 0" "quits"

screen_start -n role 90x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="host=$cluster_dir dbname=nightbell user=ada" "$nightbell"
screen_shows 'ada@acme' "identity by the PostgreSQL login, without a token"
keys ':whoami<Enter>'
screen_shows 'ada at acme \(user\), by the PostgreSQL login' "which has no end"
screen_shows 'the one row' "with its rows"
keys 'q'
is "$(screen_exit)" "exit 0" "quits"

screen_start -n away 90x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="host=$test_dir/nowhere dbname=x connect_timeout=2" "$nightbell"
screen_shows 'no database' "a database that is not there is said"
screen_shows 'retry in [0-9]+ s' "with the countdown"
keys '?'
screen_wait 'keys and actions'
keys 'q' 'q'
is "$(screen_exit)" "exit 0" "and keys work"
done_testing
