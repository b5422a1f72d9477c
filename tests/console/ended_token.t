#!/bin/bash
# A token that is revoked or expires while the console is open: the rows stay on the screen, marked as old, in the same view; the
# console says why and what to do, and takes up a new token. It never shows an empty inbox as if it were live.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
. "${srcdir:-.}/tests/console/rows.sh"
cluster_start

administrator() { env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" "$@"; }
mint() { administrator --quiet token mint --user "$1" --tenant acme --output "$2"; }
started() {
    screen_start -n "$1" 110x16 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$2" "$nightbell"
}

send "$ADA" 'the one row' >/dev/null
send "$ADA" 'the other row' >/dev/null
crit=$(incident critical job_failure 'nightly export failed')
incident high quota_reached 'nearly full' >/dev/null

file=$test_dir/ends.token
mint ada "$file"
started ada "$file"
screen_wait 'live'
screen_wait '1 Inbox 2 '
ok "revoke" administrator --quiet token revoke "$file"
send "$ADA" 'what rings' >/dev/null
screen_shows '^ read-only: the token has been revoked: put a new one into .*ends\.token' "revoked: said, and what to do, without a key"
screen_shows 'stale since' "the rows are marked"
screen_shows 'the one row' "and stay"
screen_shows '1 Inbox 2 ' "with their count"
keys 'R'
screen_idle
screen_shows 'the other row' "asking for them again changes nothing"
keys '2' '1'
screen_idle
screen_shows 'the one row' "nor does another view and back"
screen_lacks 'live' "which is not called live"
screen_lacks 'nothing has come' "nor empty"
keys 'd'
screen_shows 'read-only: the token has been revoked' "an act is refused with the reason"
mint ada "$file"
screen_shows 'what rings' "a new token is taken up, and the rows are new"
screen_lacks 'stale since' "marked no more"
screen_shows '1 Inbox 3 ' "and counted"
console_quit "with a new token"

# Events: the database no longer tells the console that this person is an operator.
file=$test_dir/bob.ends.token
mint bob "$file"
started bob "$file"
screen_wait 'live'
keys '2'
screen_wait 'nightly export failed'
screen_wait '2 Events ▲1 ●1'
ok "revoke an operator's" administrator --quiet token revoke "$file"
incident medium slow_query 'which rings' >/dev/null
screen_shows '^ read-only: the token has been revoked' "an operator's: said"
screen_shows 'nightly export failed' "the events stay, and the view"
screen_shows '2 Events ▲1 ●1' "and its figures"
screen_shows 'stale since' "marked"
keys 'a'
screen_shows 'read-only: the token has been revoked' "nothing is acknowledged"
is "$(event_field "$crit" 'acknowledged_at IS NULL')" t "in the database neither"
mint bob "$file"
screen_shows 'which rings' "a new token is taken up there"
keys 'G' 'g' 'g' 'a'
screen_shows 'acknowledged #[0-9]+ [a-z_]+' "and acts work again"
console_quit "in the events"

# One that expires with nobody pressing a key.
file=$test_dir/short.token
(umask 077 && make_token bob 5 >"$file")
started short "$file"
screen_wait 'live'
keys '2'
screen_wait 'nightly export failed'
screen_shows '^ read-only: the token (has )?expired.*: put a new one into' "expired: that is the other of the two"
screen_shows 'nightly export failed' "the events stay"
screen_shows 'stale since' "marked"
(umask 077 && make_token bob >"$file.new") && mv "$file.new" "$file"
screen_shows '● live' "until a new token is there"
screen_lacks 'stale since' "and then it is not stale"
console_quit "after that"

# One that is revoked before it starts: nothing could be read, so nothing is called empty.
file=$test_dir/before.token
mint ada "$file"
administrator --quiet token revoke "$file"
started before "$file"
screen_shows 'does not know who you are: the token has been revoked' "revoked before the start: nothing is called empty"
screen_lacks 'nothing has come' "in no words"
keys 'q'
is "$(screen_exit)" "exit 0" "and it quits"
done_testing
