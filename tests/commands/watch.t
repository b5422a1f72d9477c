#!/bin/bash
# Follow live: one line a change, nothing missed and nothing doubled, whatever happens in between.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

send() { person app "$nightbell" notify --user "$ADA" --type BROADCAST_MESSAGE --title "$1" --message m \
    --data "{\"messageId\": \"$1\"}"; }
# watch NAME PERSON WORD…: starts one in the background, and waits until it listens. Its pid is in $watcher.
watch() {
    local name=$1 who=$2 file dsn=$cluster_dsn
    shift 2
    file=$(token_file "$who")
    env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$dsn" NIGHTBELL_TOKEN_FILE="$file" \
        "$nightbell" watch "$@" >"$test_dir/$name" 2>"$test_dir/$name.err" &
    watcher=$!
    wait_for 10 listening "$((++watchers))" || bail_out "watch does not begin to listen"
}
watchers=0
listening() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell' AND query ~ 'pg_current_snapshot' AND state = 'idle'")" -ge "$1" ]; }
has() { [ "$(wc -l <"$test_dir/$1")" -ge "$2" ]; }
ended() { ! kill -0 "$1" 2>/dev/null; }
at_exit end_watchers
end_watchers() { [ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null; }

watch inbox ada inbox --json
one=$(send one)
ok "a new notification is told" wait_for 10 has inbox 1
is "$(jq -c '[.subject, .change, .title, .data.messageId]' "$test_dir/inbox")" '["inbox","new","one","one"]' "as a JSON line"
person ada "$nightbell" inbox read "$one" --quiet
ok "a change is told" wait_for 10 has inbox 2
is "$(tail -n 1 "$test_dir/inbox" | jq -c '[.id, .change]')" "[\"$one\",\"read\"]" "and what it is now"

# -- a producer that takes its id early and commits late, beside others
mkfifo "$test_dir/late"
PGUSER=nightbell_producing PGOPTIONS="-c nightbell.token=$(make_token app)" psql -XqAt <"$test_dir/late" >"$test_dir/late.out" &
exec 7>"$test_dir/late"
echo "BEGIN; SELECT nightbell.notify(NULL, '$ADA', 'BROADCAST_MESSAGE', 'late', 'm', '{\"messageId\": \"late\"}');" >&7
wait_for 10 test -s "$test_dir/late.out"
for n in 2 3 4; do send "$n" >/dev/null; done
ok "those that commit meanwhile are told" wait_for 10 has inbox 5
is "$(tail -n 3 "$test_dir/inbox" | jq -r .title | paste -sd ' ')" '2 3 4' "in order"
echo "COMMIT;" >&7
ok "the late one is told when it commits" wait_for 10 has inbox 6
is "$(tail -n 1 "$test_dir/inbox" | jq -r '[.title, .change] | join(" ")')" 'late new' "as new, though its id is older"
exec 7>&-

# -- the server is restarted; what happens while nobody listens is told afterwards
server_restart
for n in 5 6 7; do send "$n" >/dev/null; done
ok "after a restart it goes on" wait_for 30 has inbox 9
server_stop immediate
server_start
send 8 >/dev/null
ok "after a crash too" wait_for 30 has inbox 10
kill_backends nightbell >/dev/null
send 9 >/dev/null
ok "after its backend was killed too" wait_for 30 has inbox 11
# One more than a page of changes at once.
for n in $(seq 1200); do printf '{"user":"%s","type":"BROADCAST_MESSAGE","title":"bulk %d","message":"m","data":{"messageId":"b"}}\n' "$ADA" "$n"; done |
    person app "$nightbell" notify --file - >/dev/null
ok "a burst is told whole" wait_for 30 has inbox 1211
is "$(jq -r 'select(.change == "new") | .id' "$test_dir/inbox" | sort | uniq -d)" '' "nothing is told twice"
is "$(jq -r 'select(.change == "new") | .title' "$test_dir/inbox" | sort | uniq | wc -l)" 1210 "and nothing is missed"
kill -TERM "$watcher"
ok "a signal ends it" wait_for 10 ended "$watcher"
wait "$watcher"
is "$?" 0 "with exit code 0"

# -- events, with a filter, for a pipe
watchers=0
watch events bob events 'severity>=high'
person app "$nightbell" raise --type t --severity low ignored >/dev/null
two=$(person app "$nightbell" raise --type t --severity critical burns)
ok "an event that matches is told" wait_for 10 has events 1
is "$(cut -f 1-3,5-7,11 "$test_dir/events")" "events	raised	$two	critical	open	t	-" "tab-separated: subject, what happened, the columns of the list"
person bob "$nightbell" events resolve "$two" --quiet
ok "its resolution too" wait_for 10 has events 2
is "$(tail -n 1 "$test_dir/events" | cut -f 2)" resolved "as what it is"
kill "$watcher"; wait "$watcher"

# -- a snooze that ends by itself, which nothing in the database tells of
watchers=0
watch woken bob events is:open --json
sleeper=$(person app "$nightbell" raise --type t --severity low sleeps)
ok "an event is told" wait_for 10 has woken 1
person bob "$nightbell" events snooze "$sleeper" 3s --quiet
ok "and again when its snooze ends" wait_for 15 has woken 2
is "$(tail -n 1 "$test_dir/woken" | jq -c '[.id, .change, .state]')" "[$sleeper,\"changed\",\"open\"]" "as open"
is "$(psql_do "SELECT snoozed_until IS NOT NULL FROM nightbell.admin_system_events WHERE id = $sleeper")" t "though nobody wrote it down"
# a worker writes it down: that is the same change
person bob "$nightbell" events snooze "$sleeper" 2s --quiet
written() { psql_do 'SELECT nightbell.events_due()' >/dev/null; [ "$(psql_do "SELECT snoozed_until IS NULL FROM nightbell.admin_system_events WHERE id = $sleeper")" = t ]; }
ok "a worker ends one" wait_for 10 written
ok "it is told" wait_for 10 has woken 3
other=$(person app "$nightbell" raise --type t --severity low 'sleeps later')
person bob "$nightbell" events snooze "$other" 2s --quiet
ok "another one wakes later" wait_for 15 has woken 5
is "$(jq -r .id "$test_dir/woken" | paste -sd ' ')" "$sleeper $sleeper $sleeper $other $other" "and each was told once"
kill "$watcher"; wait "$watcher"

# -- both at once; a reader who is no operator follows the inbox alone
watchers=0
watch both bob --json
person app "$nightbell" raise --type t --severity low both >/dev/null
person app "$nightbell" announce --type BROADCAST_MESSAGE --title all --message m --data '{"messageId": "a"}' >/dev/null
ok "inbox and events together" wait_for 10 has both 2
is "$(jq -r .subject "$test_dir/both" | sort | paste -sd ' ')" 'events inbox' "one of each"
kill "$watcher"; wait "$watcher"
run person ada timeout 20 "$nightbell" watch events
is_status 4 "events are for operators"

# -- a token that ends, and one that is renewed in time
watchers=0
(umask 077 && make_token carol 8 >"$test_dir/carol.token")
watch ended carol inbox
ok "a token that ends, ends it" wait_for 20 ended "$watcher"
wait "$watcher"
is "$?" 4 "with exit code 4"
like "$(cat "$test_dir/ended.err")" '^nightbell: the database does not know any more who you are: ' "and says so"
rm "$test_dir/carol.token"
(umask 077 && make_token carol 10 >"$test_dir/carol.token")
watchers=0
watch renewed carol inbox --json
(umask 077 && make_token carol 3600 >"$test_dir/carol.new" && mv "$test_dir/carol.new" "$test_dir/carol.token")
until=$(($(now_ms) + 11000))
first_ended() { [ "$(now_ms)" -gt "$until" ]; }
wait_for 20 first_ended
person app "$nightbell" notify --user "$CAROL" --type BROADCAST_MESSAGE --title again --message m --data '{"messageId": "again"}' >/dev/null
ok "a token renewed in its file is taken" wait_for 20 grep -q '"title":"again"' "$test_dir/renewed"
kill "$watcher"; wait "$watcher"

# -- the reader goes
watchers=0
(set -m; person ada "$nightbell" watch inbox --json 2>"$test_dir/gone.err" | head -n 1 >"$test_dir/gone"; echo "${PIPESTATUS[0]}" >"$test_dir/gone.code") &
wait_for 10 listening 1
send last >/dev/null
ok "when the reader has gone, it ends" wait_for 10 test -s "$test_dir/gone.code"
is "$(cat "$test_dir/gone.code" "$test_dir/gone.err")" 0 "without an error"
done_testing
