#!/bin/bash
# `nightbell stats`: figures as text, as JSON that fits its schema, and as Prometheus reads them, also with names that try to break out.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/deliveries.sh"
command -v promtool >/dev/null || bail_out "no promtool: install prometheus (./bootstrap check does)"
python=$(command -v /usr/bin/python3 || command -v python3)
"$python" -c 'import jsonschema, yaml' 2>/dev/null || bail_out "no jsonschema and yaml for $python: install python3-jsonschema and python3-yaml (./bootstrap check does)"
cluster_start
stats() { run person "$1" "$nightbell" stats "${@:2}"; }
judged() { jq -c '{kind: "stats", document: .}' <<<"$out" >"$test_dir/lines" && "$python" "$srcdir/tests/commands/config_schemas.py" lines "$srcdir/docs/schema" "$test_dir/lines"; }
line() { # 'regular expression of a whole line' NAME
    if grep -qE "$1" <<<"$out"; then pass "$2"; else fail "$2" "$out"; fi
}
figures() { jq -c "$1" <<<"$out"; }

# -- nothing has happened
psql_do "UPDATE nightbell.tally_progress SET looked_at = now() - interval '1 hour'"
stats bob
line '^notifications +not counted: no worker is at work$' 'where nobody has counted notifications for long that is said'
psql_do 'SELECT nightbell.tally_up(100000)' >/dev/null # as a worker does
stats bob
is_status 0 'without anything there are figures'
line '^raised +0 +0 +0 +0 +0$' 'all of them nothing'
line '^workers +0 alive$' 'no worker is alive'
stats bob --json
is "$(judged)" ok 'the document fits its schema'
stats bob --prometheus
is_status 0 'metrics of nothing'
ok 'the metrics are well-formed' promtool check metrics <<<"$out"

# -- what has happened
deliveries_seed >/dev/null || bail_out 'no deliveries'
for severity in low high high critical; do raise $severity "a $severity one" >/dev/null; done
open=$(psql_do "SELECT min(id) FROM nightbell.admin_system_events")
person bob "$nightbell" --quiet events ack "$open"
person bob "$nightbell" --quiet events resolve "$open"
notify ada 'a note' >/dev/null
psql_do "INSERT INTO nightbell.workers (id, name, host, pid, version) VALUES (gen_random_uuid(), 'first', 'host-1', 1, '1')
    ; INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms) SELECT '$ACME', now() - interval '3 hours', 'sent', 'email', nightbell.tally_bucket(800), 1234, 987200
    ; INSERT INTO nightbell.tallies (tenant_id, at, measure, label, n) VALUES ('$ACME', now(), 'failed', 'email', 3), ('$ACME', now(), 'bounced', 'email', 10)"
stats bob
is "$(head -1 <<<"$out" | cut -d, -f1-2)" 'acme, the last 24h' 'whose figures they are, and since when'
is "$(grep -E '^(EVENTS|raised|open < 1h)' <<<"$out")" 'EVENTS           CRITICAL       HIGH     MEDIUM        LOW        ALL
raised                  1          2          0          1          4
open < 1h               1          2          0          0          3' 'events stand in columns'
is "$(grep -E '^(TIME TO|resolved)' <<<"$out" | sed -E 's/ +[0-9.]+m?s//g')" 'TIME TO            EVENTS     MEDIAN        P95
resolved                1' 'with the time that they took'
is "$(grep -E '^(CHANNEL|email)' <<<"$out" | cut -c 1-81)" 'CHANNEL              SENT  DELIVERED   FAILED  BOUNCED  SUCCESS      P50      P95
email               1,234          0        3       10    98.9%    715ms    792ms' 'channels, too'
line '^notifications +1, ' 'notifications that no worker has counted yet are counted'
line '^dead letters +2$' 'dead letters'
line '^workers +1 alive, last heard of ' 'workers'
unlike "$out" 'host-1' 'not their hosts'
unlike "$out" $'\e' 'a pipe gets no colour'
stats bob --since 1h
line '^email +0 +0 +3 ' 'what was sent before is not of this hour'
stats bob --json
is "$(judged)" ok 'the full document fits its schema'
is "$(figures '[.period, .tenant, .events.raised.high, .dead_letters.deliveries, .app_events, .workers.list, (.events.buckets | length)]')" '["24h","acme",2,2,null,null,24]' 'the same in JSON'
is "$(figures '[.channels[] | select(.channel == "email") | .sent, .failed, .success_rate, .latency.count]')" '[1234,3,0.9895,1234]' 'and of its channel'
stats bob --json --since 7d
is "$(judged)$(figures '.events.buckets | length')" ok168 'of a week as well'
stats olga --json
is "$(judged)" ok 'a global operator'"'"'s document fits, too'
is "$(figures '[.tenant, .workers.list[0].host, .app_events.waiting]')" '[null,"host-1",0]' 'who gets all of them, and the workers'
stats olga
line '^all tenants, ' 'says so in text'
line 'first on host-1, alive' 'with the host'
stats olga --tenant globex --json
is "$(figures '[.tenant, .events.raised.high]')" '["globex",0]' 'or those of a tenant'
stats mallory --json
is "$(figures '[.tenant, .events.raised.high, .dead_letters.deliveries, (.channels | map(select(.channel == "email") | .sent))]')" '["globex",0,0,[0]]' 'another tenant'"'"'s operator gets none of it'

# -- metrics
value() { awk -v series="$1" 'substr($0, 1, length(series) + 1) == series " " { print $NF }' <<<"$out"; }
stats olga --prometheus
is_status 0 'metrics'
ok 'the metrics are well-formed' promtool check metrics <<<"$out"
is "$(value 'nightbell_events_total{tenant="acme",severity="high"}')" 2 'a counter'
is "$(value 'nightbell_events_open{tenant="acme",severity="high"}')" 2 'a gauge'
is "$(value 'nightbell_deliveries_total{tenant="acme",channel="email",outcome="sent"}')" 1234 'by channel and outcome'
is "$(value 'nightbell_delivery_seconds_bucket{tenant="acme",channel="email",le="0.5"}') $(value 'nightbell_delivery_seconds_bucket{tenant="acme",channel="email",le="1"}') $(value 'nightbell_delivery_seconds_bucket{tenant="acme",channel="email",le="+Inf"}')" \
    '0 1234 1234' 'a histogram, cumulative'
is "$(value 'nightbell_delivery_seconds_sum{tenant="acme",channel="email"}') $(value 'nightbell_delivery_seconds_count{tenant="acme",channel="email"}')" '987.2 1234' 'with its sum and count'
is "$(value 'nightbell_notifications_total{tenant="acme"}')" 1 'notifications'
is "$(value 'nightbell_dead_letters{tenant="acme"}')" 2 'dead letters'
is "$(value 'nightbell_workers{state="alive"}')" 1 'workers'
line '^nightbell_worker_heartbeat_timestamp_seconds\{worker="first",host="host-1"\} 1[0-9.]+$' 'and when they were last heard of'
is "$(grep -c '^# TYPE' <<<"$out")" "$(grep '^# TYPE' <<<"$out" | sort -u | wc -l)" 'each metric is declared once'
is "$(grep '^# TYPE' <<<"$out" | awk '($4 == "counter") != ($3 ~ /_total$/)')" '' 'counters, and only they, end in _total'
before=$out
psql_do 'SELECT nightbell.tally_up(100000)' >/dev/null
stats olga --prometheus
is "$(grep -E '_total|_seconds_(bucket|sum|count)' <<<"$out")" "$(grep -E '_total|_seconds_(bucket|sum|count)' <<<"$before")" 'adding up changes none'
person bob "$nightbell" --quiet events reopen "$open"
stats olga --prometheus
is "$(value 'nightbell_event_resolve_seconds_count{tenant="acme"}')" 1 'a counter never falls, though the act was taken back'
stats bob --json
is "$(figures .events.resolved.count)" 0 'where the figures follow the rows'

# -- names that try to break out of their label, and to reach the terminal
hostile=$'a"} 1\nnightbell_forged_total{x="y\\"} 2\e[31m'
psql_do "UPDATE nightbell.tenants SET name = E'$(sed "s/\\\\/\\\\\\\\/g; s/'/''/g" <<<"${hostile%$'\n'}" | sed ':a;N;$!ba;s/\n/\\n/g')' WHERE id = '$ACME';
    INSERT INTO nightbell.workers (id, name, host, pid, version) VALUES (gen_random_uuid(), E'w\"\\\\\\n', E'h\\n# TYPE x counter', 1, '1')" || bail_out 'no hostile names'
is "$(psql_do "SELECT name FROM nightbell.tenants WHERE id = '$ACME'")" "$hostile" 'a tenant has a hostile name'
stats olga --prometheus
is_status 0 'metrics'
ok 'the metrics are well-formed then as well' promtool check metrics <<<"$out"
is "$(grep -cE '^nightbell_forged|^# TYPE x' <<<"$out")" 0 'nothing is forged'
line 'tenant="a\\"\} 1\\nnightbell_forged_total\{x=\\"y\\\\\\"\} 2' 'quote, backslash and newline are escaped'
stats bob
unlike "$out" $'\e' 'no escape reaches the terminal'
stats bob --json
is "$(figures .tenant)" "$(jq -cn --arg name "$hostile" '$name')" 'JSON has the name as it is'

# -- what is refused
stats ada
is_status 4 'who is no operator is refused'
stats bob --since 2h
is_status 2 'another period is refused'
like "$err" 'expected 1h, 24h, 7d or 30d' 'with those that there are'
stats bob --prometheus --json
is_status 2 'one form at a time'
stats bob --tenant globex
is_status 3 'a tenant that is not one'"'"'s own is none'
done_testing
