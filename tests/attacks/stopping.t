#!/bin/bash
# Neither a person's preferences nor the configuration of one tenant stop the service for others. A value that cannot be computed
# with is refused when it is written, not when a worker computes with it for everybody.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
engine_start
psql_do "INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_STOP', 'm', 'd'); UPDATE nightbell.tenants SET settings = '{\"rate_limit\": 0}';
    INSERT INTO nightbell.user_roles (tenant_id, user_id, role) VALUES ('$GLOBEX', '$MALLORY', 'admin') ON CONFLICT DO NOTHING" >/dev/null
import() { psql_do "SELECT message FROM nightbell.import_$1('$2', ARRAY[\$hostile\$$3\$hostile\$])"; }

# -- a time at the end of PostgreSQL's range, with quiet hours after it
is "$(import rules "$ACME" '{"rule_id": "all", "event_type": "fire", "recipient_type": "user", "recipient_value": "ada, bob", "notification_type": "TEST_STOP", "channel": ["in_app", "email"]}')" '' \
    'a rule tells two people'
for until in 294276-12-31T23:59:59Z 294276-12-30T00:00:00Z 10000-01-01T00:00:00Z; do
    run psql_person ada "SELECT nightbell.set_preferences('{\"dnd_until\": \"$until\", \"quiet\": {\"from\": \"22:00\", \"to\": \"06:00\"}, \"digest\": \"daily\"}')"
    like "$err" 'dnd_until: expected null or a time before the year 10000' "do not disturb until $until is refused"
done
run psql_person ada "SELECT nightbell.set_preferences('{\"dnd_until\": \"9999-12-31T23:59:59Z\", \"quiet\": {\"from\": \"22:00\", \"to\": \"06:00\"}, \"digest\": \"daily\", \"time_zone\": \"Pacific/Kiritimati\",
    \"quiet_days\": [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\"]}')"
is "$status" 0 'the last time that there is, is not'
fire=$(psql_do "SELECT nightbell.publish('$ACME', 'fire', 'm')")
run as_worker 1 --once
is "$(psql_do "SELECT string_agg(concat_ws(' ', u.name, d.channel, d.code), ', ' ORDER BY u.name, d.channel) FROM nightbell.decisions d JOIN nightbell.users u ON u.id = d.user_id WHERE d.app_event = $fire")" \
    'ada email do_not_disturb, ada in_app in_app, bob email queued, bob in_app in_app' 'and the other one hears'

# -- intervals that are within the bounds in total, but whose parts take every time out of range
for span in P-100000M3000001D P1Y-365DT-23H P-1D PT-1M P0Y-1M31D; do
    for member in every grace early longest_run; do
        like "$(import heartbeats "$GLOBEX" "{\"heartbeat\": \"h\", \"every\": \"PT1M\", \"$member\": \"$span\"}")" "$member: expected a time span" "a heartbeat's $member of $span is refused"
    done
    for member in ack_expires auto_resolve_after reopen_within stale_after; do
        like "$(import event_types "$GLOBEX" "{\"event_type\": \"t\", \"$member\": \"$span\"}")" "$member: expected a time span" "an event type's $member of $span is refused"
    done
done
is "$(import heartbeats "$GLOBEX" '{"heartbeat": "h", "every": "PT1M", "grace": "P1DT2H3M4.5S"}')" '' 'a span of several parts is not'
done_testing
