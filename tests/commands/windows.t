#!/bin/bash
# windows, heartbeats, heartbeat and episodes: imported, worked out by their rules, started, ended, reported.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" "$nightbell" "$@"; }

# ---- windows ----
admin windows import - --tenant acme --yes <<END
{"window": "sundays", "behaviour": "notices", "event_type": "db_*", "time_zone": "Europe/Riga", "starts": "$(date -u +%Y)-01-01T22:00", "ends": "$(date -u +%Y)-01-02T01:00", "rrule": "FREQ=WEEKLY;BYDAY=SU", "until": "$(($(date -u +%Y) + 2))-01-01T00:00", "reason": "patches"}
{"window": "never", "behaviour": "notices", "starts": "2026-01-01T22:00", "ends": "2026-01-01T23:00", "rrule": "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "until": "2028-01-01T00:00", "reason": "r"}
END
is_status 1 "one of two windows is refused"
like "$err" 'rrule: expected FREQ=DAILY, WEEKLY' "a rule that would take for ever"
spans=$(psql_do "SELECT count(*) FROM nightbell.window_spans WHERE window_id = 'sundays'")
ok "the other one is worked out: $spans Sundays ahead" test "$spans" -ge 4
is "$(psql_do "SELECT DISTINCT to_char(starts_at AT TIME ZONE 'Europe/Riga', 'Dy HH24:MI'), ends_at - starts_at FROM nightbell.window_spans WHERE window_id = 'sundays'")" \
    'Sun 22:00|03:00:00' "each in its zone"
admin windows export --tenant acme
document=$out
admin windows import - --tenant acme --yes <<<"$document"
is "$out" "1	sundays	same" "what is exported changes nothing"
admin windows list --tenant acme --json
is "$(jq -c '[.window, .state, .held, (.starts_at != null)]' <<<"$out")" '["sundays","waiting",0,true]' "it waits"

run person bob "$nightbell" windows start --type 'db_*' --severity medium --for 2h --reason 'upgrade of db1'
is_status 0 "an operator starts one"
window=$out
raise medium 'is slow' >/dev/null
psql_do "SELECT nightbell.raise_event('db_slow', 'medium', 'slow', tenant => '$ACME', fingerprint => 'db1')" >/dev/null
run person bob "$nightbell" events list is:held --json
is "$(jq -r '[.event_type, .held_by] | join(" ")' <<<"$out")" "db_slow $window" "what it holds is seen, and by which window"
run person bob "$nightbell" windows list --json
is "$(jq -r 'select(.state == "holding") | "\(.window) \(.held)"' <<<"$out")" "$window 1" "and counted"
run person bob "$nightbell" windows list
like "$out" "$window.holding.notices.db_\\* severity:medium.20[0-9-]+T[0-9:.]+Z.20[0-9-]+T[0-9:.]+Z.1.upgrade" "in a pipe beginning and end are times of one zone"
run person olga "$nightbell" windows list
like "$err" 'several tenants: Name one with --tenant' "who operates every tenant is asked for one"
run person olga "$nightbell" windows list --tenant acme
like "$out" "$window" "and sees it then"
run person olga "$nightbell" windows list --tenant nosuch
like "$err" 'there is no tenant "nosuch"' "a tenant that there is none of"
run person ada "$nightbell" windows start --for 2h --reason r
is_status 4 "a user starts none"
run person mallory "$nightbell" windows end "$window"
isnt "$status" 0 "nobody ends another tenant's"
admin windows delete "$window" --tenant acme
isnt "$status" 0 "one in use is not deleted"
like "$err" 'can be ended, not deleted' "and says so"
run person bob "$nightbell" windows end "$window"
is_status 0 "it is ended"
run person bob "$nightbell" windows end "$window"
is_status 3 "once"
run person bob "$nightbell" windows start --for 2h
is_status 2 "a window needs a reason"

# ---- heartbeats ----
admin heartbeats import - --tenant acme --yes <<END
{"heartbeat": "backup", "starts": "2026-01-01T02:00", "rrule": "FREQ=DAILY", "time_zone": "Europe/Riga", "grace": "PT1H"}
{"heartbeat": "queue", "every": "PT10M"}
END
is_status 0 "heartbeats"
ok "a schedule is worked out" test "$(psql_do "SELECT count(*) FROM nightbell.heartbeat_times WHERE heartbeat_id = 'backup'")" -ge 30
run person app "$nightbell" heartbeat queue --instance a --json
is "$(jq -c '[.state, .verdict]' <<<"$out")" '["up","in time"]' "one reports"
run person app "$nightbell" heartbeat queue --instance b --exit 3 --output 'disk full' --json
is "$(jq -c '[.state, .verdict]' <<<"$out")" '["failed","failed"]' "one fails"
run person bob "$nightbell" events list source:heartbeat --json
is "$(jq -r '.description' <<<"$out")" 'queue/b failed with exit status 3' "which is an event"
run person bob "$nightbell" heartbeats list --json
is "$(jq -r '[.heartbeat, .instance, .state] | join(" ")' <<<"$out" | head -n 1)" 'queue b failed' "the worst comes first"
run person app "$nightbell" heartbeat nothing
is_status 3 "one that there is not"
run person app "$nightbell" heartbeat queue --exit x
is_status 2 "no exit status"

# ---- event types ----
admin episodes import - --tenant acme --yes <<<'{"event_type": "db_*", "auto_resolve_after": "PT1H"}'
is "$out" "1	db_*	added" "what is set for event types"
admin episodes list --tenant acme
like "$out" 'db_\*.*PT1H' "is listed"
run person bob "$nightbell" events list type:db_slow --json
ok "and applies to what is open" test "$(jq -r '.auto_resolve_at' <<<"$out")" != null
admin episodes delete 'db_*' --tenant acme
is_status 0 "and deleted"
done_testing
