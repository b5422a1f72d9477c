#!/bin/bash
# A year of changes of the clock, in six zones: the spans of windows and the times of heartbeats, by schedule and by interval,
# as a slow reference has them (year.py); and what is kept of a year, by a clock that goes through it.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
year=2027
reference_year() { PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/engine/year.py" "$@"; }
engine_start
export PGOPTIONS="-c nightbell.clock=$year-01-01T12:00:00Z"
is "$(reference_year documents $year-01-01 | "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 2>&1)" '' 'windows and heartbeats in six zones'
psql_do "CREATE TABLE public.seen (line text PRIMARY KEY); INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_YEAR', 'm', 'd');
    INSERT INTO nightbell.user_settings (tenant_id, user_id, digest) VALUES ('$ACME', '$BOB', 'daily');
    SELECT message FROM nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"r\", \"event_type\": \"day\", \"recipient_type\": \"user\", \"recipient_value\": \"ada,bob\",
        \"notification_type\": \"TEST_YEAR\", \"channel\": [\"email\"]}'])" >/dev/null

# The clock goes on by three weeks: what is published on that day is decided, what recurs is worked out, what is over goes.
failed=''
for ((week = 0; week <= 52; week += 3)); do
    now=$(date -u -d "$year-01-02T12:00:00Z + $((week * 7)) days" +%FT%TZ)
    export PGOPTIONS="-c nightbell.clock=$now"
    psql_do "SELECT nightbell.publish('$ACME', 'day', 'm', '{\"week\": $week}')" >/dev/null
    run as_worker 1 --once
    [ "$status" = 0 ] && ! grep -q 'failed=[^0]' <<<"$err" || failed+="$now: $err"
    psql_do "INSERT INTO public.seen SELECT concat_ws('|', 'window', window_id, date_part('epoch', starts_at), date_part('epoch', ends_at)) FROM nightbell.window_spans
        UNION SELECT concat_ws('|', 'heartbeat', heartbeat_id, date_part('epoch', expected_at)) FROM nightbell.heartbeat_times ON CONFLICT DO NOTHING"
done
is "$failed" '' 'the worker goes through the year'

reference_year expected $year >"$test_dir/expected"
# of the same days: what begins before the second or after the 360th is the beginning and the end of the test
psql_do "SELECT line FROM public.seen" >"$test_dir/seen"
grep -v '^interval' "$test_dir/expected" | sort >"$test_dir/wanted"
is "$(comm -23 "$test_dir/wanted" <(sort "$test_dir/seen") | head -5)" '' "every span and every time of the year is there ($(wc -l <"$test_dir/wanted"))"
is "$(awk -F '|' 'NR == FNR { wanted[$0]; if (!($2 in low) || $3 < low[$2]) low[$2] = $3; if ($3 > high[$2]) high[$2] = $3; next }
    $3 >= low[$2] && $3 <= high[$2] && !($0 in wanted)' "$test_dir/wanted" "$test_dir/seen" | head -5)" '' 'and no other'
is "$(grep '^interval' "$test_dir/expected" | PGOPTIONS='-c timezone=America/New_York' "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "CREATE TEMP TABLE t (kind text, key text, report bigint, expected bigint)" \
    -c "\\copy t FROM pstdin WITH (DELIMITER '|')" -c "SELECT t.key, to_timestamp(t.report), to_timestamp(t.expected), e.at FROM t
        JOIN nightbell.heartbeats h ON h.heartbeat_id = t.key CROSS JOIN LATERAL (SELECT nightbell.expected_after(h, to_timestamp(t.report)) AS at) AS e
        WHERE e.at IS DISTINCT FROM to_timestamp(t.expected) LIMIT 5" 2>&1)" '' 'an interval of a day is a day of its zone, one of an hour an hour, whatever the session'"'"'s zone'

# -- what is kept: app events for a week; decisions, deliveries and spans of windows for 90 days and as long as their partition has others
is "$(psql_do "SELECT count(*) FROM nightbell.outbox")" 1 'app events of a week are kept'
is "$(psql_do "SELECT min(at) > nightbell.clock() - interval '98 days' AND count(*) BETWEEN 16 AND 24, count(*) FILTER (WHERE tableoid = 'nightbell.decisions_default'::regclass)
    FROM nightbell.decisions")" 't|0' 'and decisions of a quarter, none of them in the default partition'
is "$(psql_do "SELECT t.parent, bool_and(p.ends > nightbell.clock() - interval '90 days'), max(p.ends) > nightbell.clock() + interval '8 weeks', count(*) <= t.most
    FROM (VALUES ('decisions', 24), ('deliveries', 7)) AS t (parent, most) CROSS JOIN LATERAL nightbell.log_partitions(t.parent) AS p GROUP BY t.parent, t.most ORDER BY 1")" \
    'decisions|t|t|t
deliveries|t|t|t' 'their partitions are those of a quarter and of the next weeks'
is "$(psql_do "SELECT count(*) FROM nightbell.digest_slots")|$(psql_do "SELECT count(*) FROM nightbell.deliveries WHERE status = 'held' AND held_slot < nightbell.clock()")" '1|0' \
    'of the slots of digests one is remembered, and nothing waits for one that is over'
is "$(psql_do "SELECT s.window_id, count(*) FROM nightbell.window_spans s WHERE s.ends_at < nightbell.clock() - interval '90 days'
    GROUP BY 1 HAVING count(*) > 1 OR EXISTS (SELECT FROM nightbell.window_spans l WHERE l.window_id = s.window_id AND l.starts_at <= nightbell.clock() AND l.ends_at > nightbell.clock() - interval '90 days') LIMIT 3")" \
    '' 'spans of a quarter are kept'
is "$(psql_do "SELECT bool_and(n BETWEEN 1 AND 130) FROM (SELECT count(*) AS n FROM nightbell.window_spans GROUP BY window_id) AS w")" t 'and those to come'
is "$(psql_do "SELECT max(n) <= 40 FROM (SELECT count(*) AS n FROM nightbell.heartbeat_times GROUP BY heartbeat_id) AS h")" t 'of a heartbeat the times to come'
done_testing
