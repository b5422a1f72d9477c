#!/bin/bash
# What is stored with a time less than a minute ahead is seen in time by a worker that sleeps, which a bell wakes; what is further
# off rings nothing, for the worker asks at least once a minute.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
import() { psql_do "SELECT message FROM nightbell.import_$1('$ACME', ARRAY['$2'])"; }
heartbeat() { psql_as nightbell_producing "SELECT state FROM nightbell.heartbeat('$1', tenant => '$ACME', kind => '${2:-ok}')" >/dev/null; }
is_true() { [ "$(psql_do "SELECT $1")" = t ]; }
state_of() { psql_do "SELECT state FROM nightbell.heartbeat_instances WHERE heartbeat_id = '$1'"; }
became() { [ "$(state_of "$1")" = "$2" ]; }
lines() { grep -c "$1" "$test_dir/log"; }
slept_again() { [ "$(lines asleep=)" -gt "$slept" ]; }
# Runs the command when the worker has just begun a long sleep, which only a bell ends early.
at_rest() {
    local slept
    slept=$(lines asleep=)
    psql_do "SELECT nightbell.publish('$ACME', 'nothing', 'm')" >/dev/null
    wait_for 30 slept_again
    wait_for 30 eval '[[ $(grep -o "asleep=[0-9]*" "$test_dir/log" | tail -1) =~ ^asleep=[0-9]{5,}$ ]]' || fail 'the worker does not sleep for long'
    "$@"
}
# in_time NAME CONDITION: a test: it holds long before a worker that nobody wakes would have looked.
in_time() {
    local began took
    began=$(now_ms)
    wait_for 40 is_true "$2"
    took=$(($(now_ms) - began))
    ok "$1" [ "$took" -lt 20000 ] || diag "$took ms, $(tail -3 "$test_dir/log")"
}
event() { psql_do "SELECT $2 FROM nightbell.admin_system_events WHERE id = $1"; }

psql_do "INSERT INTO nightbell.user_settings (tenant_id, user_id, dnd_until) VALUES ('$ACME', '$ADA', now() + interval '1 day');
    INSERT INTO nightbell.notification_types (type, module, description) VALUES ('SOON_NOTE', 'm', 'A note')"
import rules '{"rule_id": "mail", "event_type": "mail", "recipient_type": "user", "recipient_value": "ada", "channel": ["email"], "notification_type": "SOON_NOTE"}'
import heartbeats '{"heartbeat": "job", "every": "P1D", "grace": "PT2S", "longest_run": "PT2S"}'
import heartbeats '{"heartbeat": "often", "every": "PT10S", "grace": "PT20S"}'
heartbeat job
alarm=$(psql_do "SELECT nightbell.raise_event('link_down', 'high', 'd', tenant => '$ACME', fingerprint => 'a', source => 'probe')")
far=$(psql_do "SELECT nightbell.raise_event('other', 'high', 'd', tenant => '$ACME')")
psql_do "SELECT nightbell.publish('$ACME', 'mail', 'm')" >/dev/null
"$nightbell" --verbose --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker >"$test_dir/out" 2>"$test_dir/log" &
worker=$!
end_worker() { kill -9 $worker 2>/dev/null; }
at_exit end_worker
wait_for 30 grep -q 'duties=taken' "$test_dir/log" || bail_out "the worker has no duties: $(cat "$test_dir/log")"
wait_for 30 is_true "EXISTS (SELECT FROM nightbell.deliveries WHERE status = 'held')" || bail_out 'nothing is held'

snooze() { psql_person bob "SELECT changed FROM nightbell.event_act('snooze', ARRAY[$1::bigint], until => now() + interval '$2')"; }
at_rest snooze "$alarm" '2 s' >/dev/null
in_time 'a snooze of two seconds ends' "(SELECT snoozed_until IS NULL FROM nightbell.admin_system_events WHERE id = $alarm)"
psql_do "BEGIN; SELECT set_config('nightbell.clock', (now() - interval '55 s')::text, true); SELECT nightbell.raise_event('quick', 'high', 'd', tenant => '$ACME', fingerprint => 'q'); COMMIT" >/dev/null
at_rest import event_types '{"event_type": "quick", "auto_resolve_after": "PT1M"}'
in_time 'what is from now on to resolve itself after a minute does, soon after' "(SELECT is_resolved FROM nightbell.admin_system_events WHERE event_type = 'quick')"
at_rest heartbeat job start
in_time 'a run of more than its time is down' "(SELECT state = 'down' FROM nightbell.heartbeat_instances WHERE heartbeat_id = 'job')"
window=$(psql_person bob "SELECT nightbell.start_window('$ACME', 'notices', 'gone', NULL, NULL, '1 hour', 'r')")
psql_do "SELECT nightbell.raise_event('gone', 'high', 'd', tenant => '$ACME', fingerprint => 'g')" >/dev/null
at_rest psql_person bob "SELECT nightbell.end_window('$ACME', '$window')" >/dev/null
in_time 'what a window held is told when it is ended' "(SELECT noticed_at > created_at FROM nightbell.admin_system_events WHERE event_type = 'gone')"
at_rest psql_person ada "SELECT nightbell.set_preferences('{\"dnd_until\": null}')" >/dev/null
in_time 'what was held leaves when do not disturb is ended' "NOT EXISTS (SELECT FROM nightbell.deliveries WHERE status = 'held')"
at_rest import windows '{"window": "nightly", "behaviour": "notices", "reason": "r", "starts": "2026-01-01T01:00", "ends": "2026-01-01T02:00", "rrule": "FREQ=DAILY", "until": "2035-01-01T00:00"}'
in_time 'a window that recurs, made by SQL, is worked out' "EXISTS (SELECT FROM nightbell.window_spans WHERE window_id = 'nightly')"
psql_do "ALTER DATABASE nightbell SET nightbell.ring = 'deferred'"
at_rest snooze "$alarm" '2 s' >/dev/null
in_time 'also where a hub rings for what is written' "(SELECT snoozed_until IS NULL FROM nightbell.admin_system_events WHERE id = $alarm)"
psql_do "ALTER DATABASE nightbell RESET nightbell.ring"

# -- no needless bells: times that are further off ring for nobody. The last bell is one that has to come.
heartbeat often
mkfifo "$test_dir/listening"
"$pg_bin/psql" -XqAt <"$test_dir/listening" >"$test_dir/heard" 2>&1 &
exec 7>"$test_dir/listening"
psql_do "SELECT format('LISTEN %I; SELECT %L;', nightbell.worker_channel(), 'listening')" >&7
wait_for 20 grep -q listening "$test_dir/heard" || bail_out 'nobody listens'
for _ in 1 2 3 4 5; do heartbeat often; done
heartbeat job fail
snooze "$far" '1 hour' >/dev/null
snooze "$far" '2 hours' >/dev/null
window=$(psql_person bob "SELECT nightbell.start_window('$ACME', 'notices', 'x', NULL, NULL, '10 minutes', 'r')")
psql_person ada "SELECT nightbell.set_preferences('{\"digest\": \"daily\"}')" >/dev/null
snooze "$far" '30 s' >/dev/null
heard() { echo 'SELECT 1;' >&7; grep -q 'Asynchronous' "$test_dir/heard"; }
wait_for 20 heard
is "$(grep -c 'Asynchronous' "$test_dir/heard")" 1 'one bell, for the one that is near' || diag "$(cat "$test_dir/heard")"
like "$(grep 'Asynchronous' "$test_dir/heard")" '"kind":"outbox","op":"update"' 'which says that it is not of something new'
exec 7>&-
done_testing
