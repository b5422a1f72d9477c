#!/bin/bash
# The view that a console begins with is that person's last one, and nobody else's who uses the same account.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start
incident critical job_failure 'nightly export failed' >/dev/null
send "$ADA" 'a row of ada' >/dev/null
send "$BOB" 'a row of bob' >/dev/null

console_start -n bob bob 100x14
keys '2'
screen_wait 'nightly export failed'
console_quit "bob in the events"
console_start -n again bob 100x14
screen_shows 'nightly export failed' "bob begins where bob was"
console_quit "bob again"

console_start -n ada ada 100x14
screen_shows 'a row of ada' "ada begins in the inbox: that bob was in the events is not hers"
unlike "$(tr -d '\000' <"$(screen_raw)")" 'no event has been raised|is:open' "and was shown no events body before"
console_quit "ada"
console_start -n carol carol 100x14
screen_shows 'nothing has come yet' "carol, an operator, begins in the inbox too: it is not about the role"
keys '2'
screen_wait 'nightly export failed'
console_quit "carol in the events"

# A configuration that begins with the events is for operators. Other people get the inbox instead of an empty list.
mkdir -p "$test_dir/config/nightbell"
echo 'view = events' >"$test_dir/config/nightbell/config"
XDG_CONFIG_HOME=$test_dir/config console_start -n fixed ada 100x14
screen_shows 'a row of ada' "who has no events is taken to the inbox"
unlike "$(tr -d '\000' <"$(screen_raw)")" 'no event has been raised' "and never told that there are no events"
console_quit "view = events"

# --view is for this start only.
console_start -n once carol 100x14 --view inbox
screen_shows 'nothing has come yet' "--view says what this console begins with"
console_quit "--view"
screen_start -n nowhere 100x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$(token_file carol)" "$nightbell" --view nowhere
screen_shows 'nowhere' "and what is no view"
isnt "$(screen_exit)" "exit 0" "is refused"

# By the PostgreSQL login.
by_login() { screen_start -n "$1" 100x14 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="host=$cluster_dir dbname=nightbell user=ada" "$nightbell"; }
by_login first
screen_wait 'a row of ada'
keys 'q'
is "$(screen_exit)" "exit 0" "by the login"
like "$(grep last-view "${XDG_STATE_HOME:-$HOME/.local/state}/nightbell/state")" '^last-view = inbox login ada$' "the state says whose it is"
done_testing
