#!/bin/bash
# The operators' commands, on a real server.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

bob() { run person bob "$nightbell" "$@"; }
raise() { person app "$nightbell" raise --type "$1" --severity "$2" --details '{"exit": 137, "job": "export"}' "${@:3}"; }
state() { person bob "$nightbell" events show "$1" --json | jq -r "${2:-.state}"; }

bob events
is "$status$out$err" 0 "no events: nothing in a pipe"
one=$(raise job_failure critical --source mailer --fingerprint f1 nightly export failed)
two=$(raise quota_reached high tenant at 98 %)
three=$(raise key_rotated low rotated)
again=$(raise job_failure medium --fingerprint f1 nightly export failed once more)
is "$again" "$one" "the same fingerprint is the same event"

# -- list, show
bob events
is "$(cut -f 1,3-6,8,10 <<<"$out")" "$three	low	open	key_rotated	1	acme	rotated
$two	high	open	quota_reached	1	acme	tenant at 98 %
$one	critical	open	job_failure	2	acme	nightly export failed" "newest first, severity never lowered"
bob events 'severity>=high' --json
is "$(jq -c '[.id, .severity, .occurrences, .details.exit]' <<<"$out" | paste -sd ' ')" \
    "[$two,\"high\",1,137] [$one,\"critical\",2,137]" "a filter, as JSON"
bob events show "$one"
like "$out" 'severity +critical' "show"
like "$out" '"exit": 137' "with details"
bob events show 4711
is "$status" 3 "no such event"
like "$err" '^nightbell: 4711: no such event: nightbell events lists' "says what to do"

# -- acts
bob events ack "$one" 4711
is_status 1 "one is there, the other not"
like "$err" '4711: no such event' "which"
is "$(state "$one")" acknowledged "the other is acknowledged"
bob events resolve "$one" "$two" --note 'disk full'
is "$status $out" '0 2 events resolved' "resolve with a note"
is "$(state "$one" '[.state, .resolution, .resolved_by_name] | @csv')" '"resolved","disk full","bob"' "is kept"
run person carol "$nightbell" events resolve "$one" "$three" --note 'me too'
is_status 1 "the second operator does not get it"
like "$err" "event $one: .*resolved by bob" "and is told who was first"
is "$(state "$one" .resolution)" 'disk full' "nothing is overwritten"
is "$(state "$three" .resolved_by_name)" carol "the one that was open is hers"
bob events resolve "$one" --json
is "$(jq -c '[.id, .changed]' <<<"$out")" "[$one,false]" "the outcome as JSON"
bob events reopen "$one" "$two"
is "$out" '2 events opened again' "reopen"
bob events assign "$one" "$two" carol
is "$out $(state "$one" .assigned_to_name)" '2 events assigned carol' "assign by name"
bob events assign "$one" me
is "$(state "$one" .assigned_to_name)" bob "to me"
bob events assign "$one" CAROL@acme.example
is "$(state "$one" .assigned_to_name)" carol "by e-mail address"
bob events assign "$one" "$BOB"
is "$(state "$one" .assigned_to_name)" bob "by UUID"
bob events assign "$one" nobody
is "$(state "$one" .assigned_to_name)" null "to nobody"
bob events assign "$one" car
is_status 3 "a part of a name is not enough"
like "$err" 'nobody here is called exactly "car"; similar: carol' "but is a hint"
bob events assign "$one" zoe
is_status 3 "an unknown person"
bob events assign "$one" "$MALLORY"
is_status 3 "not to a person of another tenant"
like "$err" 'there is no such person to assign to' "of whom nothing is told"
is "$(state "$one" .assigned_to_name)" null "and has not got it"
bob events snooze "$one" 4h
is "$(state "$one")" snoozed "snooze"
bob events snooze "$one" none
is "$(state "$one")" acknowledged "ends with none"
bob events snooze "$one" tomorrow
is "$(state "$one")" snoozed "until tomorrow"
bob events snooze "$one" fri 14:30
is "$(psql_do "SELECT to_char(snoozed_until, 'Dy HH24:MI') FROM nightbell.admin_system_events WHERE id = $one")" 'Fri 14:30' \
    "until a time of several words"
# times in texts are told in the reader's zone, whatever the zone of the session that wrote them
TZ=Asia/Kolkata bob events show "$one"
like "$out" 'bob snooze: until 20[0-9-]+ 20:00:00' "the history tells it in the reader's time zone"
bob events show "$one" --json
like "$(jq -r '.history[-1].note' <<<"$out")" '^until 20[0-9-]+T14:30:00\.000000Z$' "JSON in UTC, as every time in it"
bob events snooze "$one" 30
like "$err" 'not a time to come: "30"' "a number is no time"
bob events note "$one" called the vendor
is "$out" '1 event noted' "note"
bob events show "$one" --json
is "$(jq -r '.history | map(.action) | unique | join(" ")' <<<"$out")" 'acknowledge assign note reopen resolve snooze' \
    "every act is in the history"
is "$(jq -r '.history | map(select(.action == "note"))[0] | [.actor, .note] | @csv' <<<"$out")" '"bob","called the vendor"' "with who and what"
bob events count is:open
is "$out" 1 "what is snoozed is hidden from those that are open"
bob events count is:snoozed
is "$out" 1 "and is found as snoozed"
bob --quiet events snooze "$one" none
bob events count is:open
is "$out" 2 "until it is awake again"
run person bob "$nightbell" events resolve - <<<"$(person bob "$nightbell" events is:open --json)"
is "$out" '2 events resolved' "ids from the lines of list --json"

bob events show "$one"
like "$out" 'history.*bob note: called the vendor' "show tells the history"
resolved=$(state "$one" .resolved_at)
TZ=Asia/Kolkata run person carol "$nightbell" events ack "$one"
is_status 1 "what is resolved cannot be acknowledged"
like "$err" "resolved by bob at $(TZ=Asia/Kolkata date -d "$resolved" '+%F %T')" "and who was first, when, is told in the reader's time zone"
run person carol "$nightbell" events ack "$one" --json
like "$(jq -r .reason <<<"$out")" "^resolved by bob at ${resolved%.*}" "in JSON in UTC"

# -- people who may not
run person ada "$nightbell" events
is_status 4 "events are for operators"
like "$err" 'system events are for operators, and ada at acme is none' "says so"
run person mallory "$nightbell" events show "$one"
is_status 3 "another tenant's event is not there"
run person mallory "$nightbell" events reopen "$one"
is_status 3 "nor can it be acted on"
run person olga "$nightbell" events --tenant globex
is "$out" '' "--tenant narrows a global operator's list"
run person olga "$nightbell" events --tenant acme --limit 1
is "$(cut -f 1 <<<"$out")" "$three" "to one tenant"

# -- cursors
for n in $(seq 60); do echo "{\"event_type\":\"load\",\"severity\":\"low\",\"description\":\"n $n\"}"; done |
    person app "$nightbell" raise --file - >"$test_dir/ids"
before=() walked=''
while page=$(person bob "$nightbell" events type:load --limit 7 "${before[@]}" | cut -f 1) && [ -n "$page" ]; do
    walked+=$page$'\n'
    before=(--before "$(tail -n 1 <<<"$page")")
done
is "$walked" "$(cut -f 2 "$test_dir/ids" | tac)
" "--before walks everything exactly once"
done_testing
