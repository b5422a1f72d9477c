#!/bin/bash
# notify, announce and raise: one at a time and from NDJSON, where a bad line never keeps the others out.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
app() { run person app "$nightbell" "$@"; }

app notify --user "$ADA" --type REFUND_APPROVED --title 'Refund' --message 'It is on its way' --link https://example.test/r/1 \
    --data '{"refundId": "r1", "bookingId": "b1", "amount": 12.5, "currency": "EUR"}' --actor "$BOB" --urgency high \
    --channel in_app --channel email --dedup-key r1 --expires 2d
is_status 0 "notify with everything"
id=$out
app notify --user "$ADA" --type REFUND_APPROVED --title 'Refund' --message 'again' --dedup-key r1 --json \
    --data '{"refundId": "r1", "bookingId": "b1", "amount": 12.5, "currency": "EUR"}'
is "$out" "{\"id\":\"$id\"}" "the same key gives the same id, as JSON"
run person ada "$nightbell" inbox show "$id" --json
is "$(jq -c '[.type, .title, .link, .urgency, .actor_name, .data.amount, (.expires_at != null)]' <<<"$out")" \
    '["REFUND_APPROVED","Refund","https://example.test/r/1","high","bob",12.5,true]' "everything arrived"

# A person is named by name, address or UUID; a producer finds nobody else's people, and no addresses.
psql_do "INSERT INTO nightbell.users (id, tenant_id, name, email) SELECT gen_random_uuid(), '$ACME', 'twin' || i, 'twins@acme.example' FROM generate_series(1, 2) i"
said() { app notify --user "$1" --type BROADCAST_MESSAGE --title "to $1" --message m --data '{"messageId": "b"}'; }
for name in ada ADA ada@acme.example "$ADA"; do
    said "$name"
    is_status 0 "notify --user $name"
    is "$(psql_do "SELECT user_id FROM nightbell.notifications WHERE id = '$out'")" "$ADA" "is ada"
done
said nobody-such
is_status 3 "nobody of that name"
like "$err" 'nobody here is called "nobody-such"' "says so"
said ad
is_status 3 "a part of a name is not enough"
unlike "$err" ada "and tells a producer nothing"
said mallory
is_status 3 "somebody of another tenant is nobody"
said twins@acme.example
is_status 2 "what may be several is refused"
like "$err" 'may mean several people: twin1, twin2' "and lists them, without their addresses"
run person ada "$nightbell" notify --user bob --type BROADCAST_MESSAGE --title t --message m
is_status 4 "who may not produce finds out nothing"
like "$err" 'producer' "and is told why"
app announce --actor BOB --type BROADCAST_MESSAGE --title Actor --message m --data '{"messageId": "a"}'
is "$(psql_do "SELECT actor_id FROM nightbell.announcements WHERE id = '$out'")" "$BOB" "announce --actor NAME"
app raise --type disk_full --severity low --user carol@acme.example of carol
is "$(psql_do "SELECT user_id FROM nightbell.admin_system_events WHERE id = $out")" "$CAROL" "raise --user ADDRESS"
app broadcast --to 'user:carol, BOB' --type BROADCAST_MESSAGE --title Named --message m --data '{"messageId": "b"}'
is "$out" 2 "broadcast to people by their names"
run person app "$nightbell" notify --file - <<<'{"user":"bob","type":"BROADCAST_MESSAGE","title":"by name","message":"m","data":{"messageId":"1"}}
{"user":"twins@acme.example","type":"BROADCAST_MESSAGE","title":"t","message":"m","data":{"messageId":"2"}}
{"user":"mallory","type":"BROADCAST_MESSAGE","title":"t","message":"m","data":{"messageId":"3"}}
{"user":"BOB@acme.example","type":"BROADCAST_MESSAGE","title":"by address","message":"m","data":{"messageId":"4"}}'
is "$(psql_do "SELECT string_agg(title, ', ' ORDER BY id) FROM nightbell.notifications WHERE user_id = '$BOB' AND title LIKE 'by %'")" \
    'by name, by address' "lines name people too"
like "$err" 'line 2: "twins@acme.example" may mean several people' "what may be several is refused"
like "$err" 'line 3: nobody in the tenant is called "mallory"' "and who is nobody here"
run person app "$nightbell" raise --file - <<<'{"event_type":"t","severity":"low","description":"about bob","user":"bob"}
{"event_type":"t","severity":"low","description":"about nobody","user":"nobody"}'
is "$(psql_do "SELECT user_id FROM nightbell.admin_system_events WHERE description = 'about bob'")" "$BOB" "events as well"
like "$err" 'line 2: nobody in the tenant is called "nobody"' "and the reason where there is none"
psql_do "DELETE FROM nightbell.users WHERE name LIKE 'twin%'"

app notify --user "$ADA" --type NO_SUCH --title t --message m
is_status 3 "an unknown type is not found"
like "$err" '^nightbell: .*NO_SUCH' "and named"
app notify --user "$ADA" --type BROADCAST_MESSAGE --title "$(printf 'x%.0s' $(seq 300))" --message m
isnt "$status" 0 "a title that is too long"
like "$err" '255 characters' "says how long it may be"
app announce --type BROADCAST_MESSAGE --title Hear --message 'all of you' --data '{"messageId": "m"}'
is_status 0 "announce"
run person bob "$nightbell" inbox show "$out"
like "$out" 'to +everybody' "reaches everybody"
app broadcast --to role:operator --type BROADCAST_MESSAGE --title Duty --message 'this week' --data '{"messageId": "b"}'
is_status 0 "broadcast"
operators=$(psql_do "SELECT count(*) FROM nightbell.user_roles WHERE tenant_id = '$ACME' AND role = 'operator'")
is "$out" "$operators" "one for each operator, who are counted"
is "$(psql_do "SELECT count(DISTINCT user_id) FROM nightbell.notifications WHERE title = 'Duty'")" "$operators" "and have it"
app broadcast --to role:operator --type BROADCAST_MESSAGE --title Duty --message 'this week' --data '{"messageId": "b"}' --json
is "$out" '{"count":0}' "the same again makes nothing"
app broadcast --to "user:$CAROL,$BOB" --type BROADCAST_MESSAGE --title Two --message 'of you' --data '{"messageId": "b"}' --json
is "$out" '{"count":2}' "to people by their ids"
for to in tenants role: ':x' 'job:x' ''; do
    app broadcast --to "$to" --type BROADCAST_MESSAGE --title t --message m
    is_status 2 "--to \"$to\" is a usage error"
done
app broadcast --to group:nobody --type BROADCAST_MESSAGE --title t --message m --data '{"messageId": "b"}'
is_status 3 "a group that is not there"
app raise --type disk_full --severity critical --details '{"free": 0}' --fingerprint d1 --source db-01 --user "$ADA" no space left
is_status 0 "raise"
raised=$out
run person bob "$nightbell" events show "$out" --json
is "$(jq -c '[.event_type, .severity, .description, .fingerprint, .source, .user_name, .details.free]' <<<"$out")" \
    '["disk_full","critical","no space left","d1","db-01","ada",0]' "everything arrived"

app settle db-01 d1 --note 'disk grown' --json
is "$out" "{\"outcome\":\"settled\",\"id\":$raised}" "settle"
run person bob "$nightbell" events show "$raised" --json
is "$(jq -c '[.state, .resolution, .resolved_by_name]' <<<"$out")" '["resolved","disk grown","db-01"]' "resolves it, by its source"
app settle db-01 d1
is "$out" already "once"
app raise --type disk_full --severity low --source db-01 --fingerprint d2 --episode-at 2026-11-30T10:00:00Z full again
episode=$out
app settle db-01 d2 --episode-at 2026-11-30T09:00:00Z
is "$out" "ignored $episode" "what is older than the open episode settles nothing"
app raise --type disk_full --severity low --episode-at 2026-11-30T10:00:00Z full
is_status 1 "an episode without its source"
app raise --type disk_full --severity low --source db-01 --fingerprint d2 --episode-at noon full
is_status 2 "a time that is none"
like "$err" 'noon: not a time' "is named"
app publish po_approved --module purchasing --context '{"amount": 150000}' --idempotency-key k1
like "$status|$out" '^0\|[0-9]+$' "publish prints the app event's number"
published=$out
app publish po_approved --module purchasing --idempotency-key k1 --json
is "$out" "{\"id\":$published}" "the same key gives the same"
app publish po_approved
like "$status|$err" '^2\|nightbell: publish needs --module' "publish without a module"
app publish 'po *' --module m
like "$status|$err" '^1\|nightbell: the event type contains a blank' "publish with a bad type"
printf '%s\n' '{"event_type":"po_approved","module":"purchasing","idempotency_key":"k1"}' '{"event_type":"x","module":"m","context":[]}' \
    '{"event_type":"x","module":"m","nothing":1}' >"$test_dir/publish"
app publish --file "$test_dir/publish"
like "$status|$out" "^1\|1	$published
2 error the context is a JSON array; it must be an object
3 error (unknown member \"nothing\"|nothing: )" "publish from a file"
app settle db-01
is_status 2 "settle without a fingerprint"
printf '%s\n' '{"source":"db-01","fingerprint":"d2","episode_at":"2026-11-30T10:00:00Z"}' '{"source":"db-01"}' \
    '{"source":"db-01","fingerprint":"d3","episode_at":"2026-11-30T10:00:00Z"}' >"$test_dir/settle"
app settle --file "$test_dir/settle" --json
is_status 1 "one line is bad"
is "$(jq -c '[.line, .outcome, .id, .error.code]' <<<"$out")" "[1,\"settled\",$episode,null]
[2,null,null,\"invalid\"]
[3,\"orphan\",null,null]" "an outcome each"

# -- 10,000 lines, some of them bad
awk -v user="$ADA" 'BEGIN {
    for (i = 1; i <= 10000; i++)
        if (i % 2500 == 0) print "{broken"
        else if (i == 77) print "{\"user\":\"" user "\",\"type\":\"NO_SUCH\",\"title\":\"t\",\"message\":\"m\"}"
        else if (i == 78) print "{\"user\":\"x\",\"type\":\"BROADCAST_MESSAGE\",\"title\":\"t\",\"message\":\"m\"}"
        else if (i == 79) print "[1, 2]"
        else if (i == 80) print "{\"user\":\"" user "\",\"type\":\"BROADCAST_MESSAGE\",\"title\":\"t\",\"message\":\"m\",\"frob\":1}"
        else if (i == 81) { printf "{\"title\":\""; for (j = 0; j < 200000; j++) printf "x"; print "\"}" }
        else if (i == 82) print ""
        else if (i == 83) printf "{\"user\":\"\\xff\\xfe\"}\n"
        else printf "{\"user\":\"%s\",\"type\":\"BROADCAST_MESSAGE\",\"title\":\"n %d\",\"message\":\"m\",\"data\":{\"messageId\":\"%d\"}}\n", user, i, i
}' >"$test_dir/lines"
app notify --file "$test_dir/lines"
is_status 1 "bad lines: exit code 1"
is "$(wc -l <<<"$out")" 9999 "one result line a line; an empty line is none"
is "$(grep -c error <<<"$out")" 10 "ten of them errors"
is "$(grep error <<<"$out" | cut -d ' ' -f 1 | paste -sd ' ')" '77 78 79 80 81 83 2500 5000 7500 10000' "with their line numbers"
is "$(grep -v error <<<"$out" | cut -f 1 | sort -nc 2>&1)" '' "in order"
like "$err" 'nightbell: line 77: there is no notification type "NO_SUCH"' "the reason: unknown type"
like "$err" 'nightbell: line 78: nobody in the tenant is called "x"' "the reason: nobody is called so"
like "$err" 'nightbell: line 80: .*"?frob"?' "the reason: unknown member"
like "$err" 'nightbell: line 81: the line is longer than 131072 bytes' "the reason: too long"
like "$err" 'nightbell: line 2500: .*broken' "the reason: not JSON"
like "$(tail -n 1 <<<"$err")" 'nightbell: 10 of 9999 lines were refused: ' "and a summary"
run person ada "$nightbell" inbox count type:BROADCAST_MESSAGE -is:announcement
is "$out" 9993 "the others went in"

# -- the same as JSON; --tenant for lines that name none
printf '%s\n' '{"event_type":"a","severity":"low","description":"fine"}' '{"event_type":"a"}' >"$test_dir/two"
run person olga "$nightbell" raise --file - --json --tenant "$ACME" <"$test_dir/two"
is_status 1 "raise from stdin"
is "$(head -n 1 <<<"$out" | jq -c '[.line, (.id | type)]')" '[1,"number"]' "a result"
is "$(tail -n 1 <<<"$out" | jq -c '[.line, .error.code, .error.message]')" '[2,"invalid","severity: is missing"]' "an error, with its line"
# A line whose refusal quotes half a character does not end the stream.
jq -nr --arg user "$ADA" 'range(2000) | if . == 700 or . == 1500 then "{\"title\":\"\\é\"}"
    else {user: $user, type: "TEST_NOTE", title: "around \(.)", message: "m"} | tojson end' >"$test_dir/halves"
app notify --file "$test_dir/halves" --json
is "$status $(jq -c '.id // .error.code' <<<"$out" | wc -l) $(jq -r 'select(.error) | .line' <<<"$out" | paste -sd ' ')" '1 2000 701 1501' \
    "what cannot be quoted whole is refused alone, and all others are answered"
like "$(jq -r 'select(.line == 701) | .error.message' <<<"$out")" '^column 12: JSON: ' "with a reason"
run person bob "$nightbell" events list --json type:a
is "$(jq -r .tenant_name <<<"$out")" acme "in the tenant of --tenant"
run person olga "$nightbell" raise --file - --tenant "$ACME" <<<' {"event_type": "exact", "severity": "low", "description": "d", "details": {"price": 1.50, "share": 0.12345678901234567890}}'
is "$(psql_do "SELECT tenant_id || ' ' || details::text FROM nightbell.admin_system_events WHERE event_type = 'exact'")" \
    "$ACME {\"price\": 1.50, \"share\": 0.12345678901234567890}" "and numbers keep their digits"
run person olga "$nightbell" raise --file - --tenant $'\xff' <<<'{"event_type": "exact", "severity": "low", "description": "d"}'
is_status 2 "a tenant that is no text is not taken for none"
app announce --file - <<<'{"type":"BROADCAST_MESSAGE","title":"t","message":"from a file","data":{"messageId":"f"}}'
is_status 0 "announce from a file"
app raise --file "$test_dir/none"
is_status 3 "no such file"
like "$err" "$test_dir/none: No such file" "is named"
app raise --file - </dev/null
is "$status$out$err" 0 "an empty file is done at once"

# A pipe that stays open: lines are sent as they come, not only when it ends.
mkfifo "$test_dir/pipe"
person app "$nightbell" notify --file - <"$test_dir/pipe" >"$test_dir/piped" 2>&1 &
exec 6>"$test_dir/pipe"
echo "{\"user\": \"$ADA\", \"type\": \"TEST_NOTE\", \"title\": \"through the pipe\", \"message\": \"m\"}" >&6
told() { grep -q '^1.[0-9a-f-]*$' "$test_dir/piped"; }
wait_for 20 told
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title = 'through the pipe'")" 1 "a line is stored and told while the pipe is open"
is "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")" 0 "and no transaction is left open"
exec 6>&-
wait

# -- a commit fails while the next batch is already sent: the next batch's transaction ends too, and its lines are sent again
psql_do "CREATE SEQUENCE public.commits;
    CREATE FUNCTION public.fail_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN
        IF nextval(''public.commits'') = 1 THEN RAISE EXCEPTION ''not this time''; END IF; RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER fail_once AFTER INSERT ON nightbell.notifications DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.fail_once()"
awk -v user="$BOB" 'BEGIN { for (i = 1; i <= 3000; i++)
    print "{\"user\":\"" user "\",\"type\":\"TEST_NOTE\",\"title\":\"commit " i "\",\"message\":\"m\"}" }' >"$test_dir/commits"
app notify --file "$test_dir/commits"
is_status 0 "a commit that failed once"
is "$(grep -cE '[0-9a-f]{8}-[0-9a-f-]{27}' <<<"$out")" 3000 "every line has its id"
is "$(psql_do "SELECT count(*) FROM nightbell.notifications WHERE title LIKE 'commit %'")" 3000 "and every id is a row"
done_testing
