#!/bin/bash
# Behind a proxy that pools sessions nobody acts or reads as somebody else, whatever people do in whatever order through 3 sessions.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/pooler.sh"
cluster_start
unset NIGHTBELL_HUB

# through NAME COMMAND…: the command as that person, through the pool.
through() { cluster_dsn=$pooler_dsn cluster_producer_dsn=$pooler_producer_dsn person "$@"; }
# pooled_console NAME [WORD]: that person's console through the pool, in the terminal of that name; waits for the word.
pooled_console() {
    screen_start -n "$1" 120x30 env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$pooler_dsn" \
        NIGHTBELL_TOKEN_FILE="$(token_file "$1")" "$nightbell"
    screen_wait "$2"
}
# leftovers: what the pool's sessions hold of ours, asked N times through the pool by one without a token; nothing is 0|0|0|0.
leftovers() {
    local i
    for i in $(seq "$1"); do
        pooled_psql nightbell_console "SELECT (coalesce(current_setting('nightbell.token', true), '') <> '')::int,
            (SELECT count(*) FROM nightbell.inbox), (SELECT count(*) FROM pg_listening_channels()),
            (SELECT count(*) FROM pg_prepared_statements)"
    done | sort -u
}
titles() { through "$1" "$nightbell" inbox list --limit 100 --json | jq -r '.title' | sed 's/ [0-9]*$//' | sort -u; }
unread() { through "$1" "$nightbell" inbox count | head -n 1; }

for n in $(seq 20); do
    for who in ada bob carol; do notify "$who" "of $who $n" >/dev/null; done
done

# ---- transaction by transaction ----
pooler_start transaction 3
is "$(leftovers 3)" '0|0|0|0' "an unused pool holds nothing"
for who in ada bob carol; do is "$(titles "$who")" "of $who" "$who sees what is theirs"; done
is "$(leftovers 12)" '0|0|0|0' "and leaves nothing behind"

pooled_console bob 'polling'
screen_shows 'of bob 20' "a console begins"
is "$(leftovers 12)" '0|0|0|0' "a console that is open leaves nothing either"
pooled_console ada 'polling'
screen_shows 'of ada 20' "a second one shows its own person's rows"
screen_shows 'ada@acme' "and its own person"
is "$(screen_text | grep -c 'of bob')" 0 "and nobody else's"

# many at once, in whatever order they come
crowd() {
    local round who
    for round in $(seq 8); do
        for who in ada bob carol; do
            (titles "$who" >"$test_dir/seen.$who.$round") &
        done
        leftovers 4 >>"$test_dir/seen.nobody"
    done
    wait $(jobs -p)
}
(crowd)
for who in ada bob carol; do is "$(sort -u "$test_dir"/seen."$who".*)" "of $who" "$who saw only their own rows, each time"; done
is "$(sort -u "$test_dir/seen.nobody")" '0|0|0|0' "and one without a token saw none in between"

# acts of two people in turn, in the consoles
for n in 1 2 3 4; do
    screen_use ada
    keys 'r' 'j'
    screen_use bob
    keys 'd'
done
settled() {
    [ "$(psql_do "SELECT count(*) FILTER (WHERE user_id = '$ADA' AND read_at IS NOT NULL), count(*) FILTER (WHERE user_id = '$BOB' AND deleted_at IS NOT NULL),
        count(*) FILTER (WHERE user_id NOT IN ('$ADA', '$BOB') AND (read_at IS NOT NULL OR deleted_at IS NOT NULL)),
        count(*) FILTER (WHERE user_id = '$ADA' AND deleted_at IS NOT NULL), count(*) FILTER (WHERE user_id = '$BOB' AND read_at IS NOT NULL)
        FROM nightbell.notifications")" = "$1" ]
}
ok "each one's acts are done to their own rows" wait_for 10 settled '4|4|0|0|0'

# what arrives is there within the seconds that polling takes
screen_use ada
through app "$nightbell" notify --user "$ADA" --type TEST_NOTE --title 'from the pool' --message m >/dev/null
ok "what a producer sends through the pool is shown" screen_wait 'from the pool' 5
screen_shows 'polling' "by a console that says that it polls"

# watch, and a stream of a producer, through the pool
env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$pooler_dsn" NIGHTBELL_TOKEN_FILE="$(token_file ada)" \
    "$nightbell" watch inbox --json >"$test_dir/watched" 2>"$test_dir/watched.err" &
watcher=$!
end_watcher() { kill "$watcher" 2>/dev/null || :; }
at_exit end_watcher
begun() { through app "$nightbell" notify --user "$ADA" --type TEST_NOTE --title "begun $((++begun))" --message m >/dev/null; [ -s "$test_dir/watched" ]; }
begun=0
ok "watch follows through the pool" wait_for 15 begun
for n in $(seq 3000); do
    printf '{"user":"%s","type":"TEST_NOTE","title":"stream %d","message":"m"}\n' "$([ $((n % 3)) = 0 ] && echo "$ADA" || echo "$CAROL")" "$n"
done >"$test_dir/stream"
run through app "$nightbell" notify --file "$test_dir/stream" --quiet
is_status 0 "a producer's stream goes in"
is "$(psql_do "SELECT count(*), count(*) FILTER (WHERE user_id = '$ADA') FROM nightbell.notifications WHERE title LIKE 'stream %'")" '3000|1000' "whole"
streamed() { [ "$(jq -r .title "$test_dir/watched" | grep -c '^stream ')" = 1000 ]; }
ok "and watch tells those of its person, all of them" wait_for 20 streamed
is "$(jq -r .title "$test_dir/watched" | grep '^stream ' | sort | uniq -d | wc -l)" 0 "each once"
is "$(leftovers 12)" '0|0|0|0' "and still nothing is left in the pool"
end_watcher
wait "$watcher" 2>/dev/null

# ---- what needs a session of its own says so ----
NIGHTBELL_DSN=$pooler_admin_dsn run "$nightbell" db init
is_status 4 "db init is refused"
like "$err" 'a proxy that pools connections stands before the database' "with the reason"
like "$err" 'connect to the server itself' "and what to do"
NIGHTBELL_DSN=$pooler_admin_dsn run "$nightbell" hub --socket "$test_dir/hub.socket"
is_status 4 "so is the hub"
NIGHTBELL_DSN=$pooler_admin_dsn run "$nightbell" db purge
is_status 4 "and db purge"
pooler_stop
screen_end_all

# ---- a pool that gives out its sessions in turn, and one of a single session ----
for how in 3:server_round_robin=1 1:server_round_robin=0; do
    pooler_start transaction "${how%%:*}" "${how#*:}"
    pooled_console carol 'polling'
    screen_shows 'stream 2999' "a pool of ${how%%:*}, ${how#*:}: a console shows its rows"
    is "$(leftovers 6)" '0|0|0|0' "and leaves nothing behind"
    through app "$nightbell" notify --user "$CAROL" --type TEST_NOTE --title "through ${how%%:*}" --message m >/dev/null
    if screen_wait "through ${how%%:*}" 5; then pass "and is within seconds"; fi
    keys q
    is "$(screen_exit)" 'exit 0' "it leaves"
    pooler_stop
done

# ---- statement by statement ----
pooler_start statement 3
is "$(through ada "$nightbell" inbox list --limit 1 'of' --json | jq -r .title)" 'of ada 20' "by statement: ada sees what is hers"
is "$(through app "$nightbell" notify --user "$CAROL" --type TEST_NOTE --title 'by statement' --message m | wc -l)" 1 "a producer sends"
is "$(leftovers 6)" '0|0|0|0' "and nothing is left behind"
pooler_stop

# ---- session by session: a console finds out that its session is kept for it, and listens ----
pooler_start session 4
pooled_console ada 'live'
screen_shows 'stream 3000' "by session: a console is live"
is "$(leftovers 3)" '0|0|0|0' "and nobody else has what is its own"
is "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell' AND state LIKE 'idle in%'")" 0 "it holds nothing open"
keys ':set poll-seconds 3600' '<Enter>'
through app "$nightbell" notify --user "$ADA" --type TEST_NOTE --title 'by session' --message m >/dev/null
if screen_wait 'by session' 5; then pass "a bell brings what arrives"; fi
screen_shows 'live' "it stays live"
keys q
is "$(screen_exit)" 'exit 0' "it leaves"
is "$(leftovers 6)" '0|0|0|0' "and nothing of it stays"
pooler_stop
# an administrator has switched off what cleans a session for the next one
pooler_start session 1 'server_reset_query ='
is "$(through bob "$nightbell" inbox list --limit 1 'of' --json | jq -r .title)" 'of bob 16' "without a reset query: bob sees what is his"
is "$(leftovers 3)" '0|0|0|0' "and leaves nothing to the next one"
is "$(through carol "$nightbell" inbox list --limit 1 'of' --json | jq -r .title)" 'of carol 20' "nor do two people meet"
pooler_stop

done_testing
