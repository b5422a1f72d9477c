#!/bin/bash
# Hostile contexts, templates, rules and recurrences, through publish, apply and the worker: each is refused with an error that
# says what is wrong, or has a bounded outcome; and what came behind it is done.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/engine/engine.sh"
engine_start
administer() { timeout 30 "$nightbell" --dsn "$cluster_admin_dsn" "$@"; }
psql_do "INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_HOSTILE', 'm', 'd'); UPDATE nightbell.tenants SET settings = '{\"rate_limit\": 0}'" >/dev/null

# -- what is stored is bounded
# refused NAME REGEX SQL
refused() {
    run timeout 30 "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$3"
    like "$status $err" "^[13] .*$2" "$1"
}
publish="SELECT nightbell.publish('$ACME', 'a', 'm',"
refused 'a context that is no object' 'it must be an object' "$publish '[]')"
refused 'a context of a megabyte' 'at most 65536 are allowed' "$publish jsonb_build_object('a', repeat('x', 1000000)))"
refused 'a context of 30,000 levels' 'stack depth|at most 65536' "$publish (repeat('{\"a\":', 30000) || '1' || repeat('}', 30000))::jsonb)"
refused 'a NUL' 'unsupported Unicode escape' "$publish '{\"a\": \"\\u0000\"}')"
refused 'half a character' 'Unicode' "$publish '{\"a\": \"\\ud800\"}')"
refused 'a number without end' 'overflow|out of range' "$publish '{\"a\": 1e1000000}')"
refused 'an event type with a pattern in it' 'contains a blank, a control character or \*' "SELECT nightbell.publish('$ACME', 'a*', 'm')"
refused 'a name of a control character' 'contains a blank, a control character' "SELECT nightbell.publish('$ACME', E'a\\nb', 'm')"

# -- what apply brings is bounded
# apply_refuses NAME REGEX YAML
apply_refuses() {
    rm -rf "$test_dir/config"
    mkdir "$test_dir/config"
    printf '%s\n' "$3" >"$test_dir/config/a.yaml"
    run administer apply --tenant acme "$test_dir/config"
    unlike "$status" '^(0|124|13[0-9])$' "$1 is refused in time"
    like "$err" "a\.yaml:[0-9]+: .*($2)" 'and the error says where and why'
    unlike "$err" 'there is no kind' 'which is not that the file is none'
}
rule='rules:
  - rule_id: r
    event_type: a
    recipient_type: user
    recipient_value: ada
    notification_type: TEST_HOSTILE'
apply_refuses 'a condition that does not end' 'condition_expr' "$rule
    condition_expr: '$(printf '($.a == 1 || %.0s' $(seq 2000))'"
apply_refuses 'a path that is no condition' 'condition_expr' "$rule
    condition_expr: '\$.a'"
window='windows:
  - window: w
    behaviour: notices
    starts: 2026-01-01T00:00
    ends: 2026-01-01T01:00
    until: 2035-01-01T00:00
    reason: r'
apply_refuses 'a window each second of a day that there is not' 'rrule' "$window
    rrule: FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"
apply_refuses 'a rule of a kilobyte' 'rrule' "$window
    rrule: FREQ=MONTHLY;BYMONTHDAY=$(seq -s, 1 400)"
apply_refuses 'a heartbeat of a day that never comes each second' 'rrule' 'heartbeats:
  - heartbeat: h
    starts: 2026-01-01T00:00
    rrule: FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'
apply_refuses 'a heartbeat each nanosecond' 'every' 'heartbeats:
  - heartbeat: h
    every: PT0.000001S'
template='templates:
  - template_code: t
    texts:
      - channel: "*"
        body_template: '
apply_refuses 'a section that is not closed' 'section|closed' "$template'{{#a}}'"
apply_refuses 'a thousand sections within each other' '32 sections within each other' "$template'$(printf '{{#a}}%.0s' $(seq 1000))$(printf '{{/a}}%.0s' $(seq 1000))'"
apply_refuses 'a text of a megabyte' 'body_template|byte|large|long' "$template'$(head -c 1000000 /dev/zero | tr '\0' x)'"
is "$(psql_do "SELECT (SELECT count(*) FROM nightbell.rules) + (SELECT count(*) FROM nightbell.windows) + (SELECT count(*) FROM nightbell.heartbeats) + (SELECT count(*) FROM nightbell.templates)")" \
    0 'and nothing of it is stored'

# -- a rule that libical never ends, past every check: the worker works it out under a limit, writes down why not, and goes on
psql_do "INSERT INTO nightbell.windows (tenant_id, window_id, behaviour, starts, ends, until, reason, rrule)
    VALUES ('$ACME', 'never', 'notices', '2026-01-01', '2026-01-01 01:00', '2030-01-01', 'r', 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30')"

# -- texts and contexts that render to much, or to something that is no text
import() { psql_do "SELECT message FROM nightbell.import_$1('$ACME', ARRAY[\$hostile\$$2\$hostile\$])"; }
said=$(import templates '{"template_code": "bomb", "texts": [{"channel": "*", "subject": "s", "body_template": "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}xxxxxxxxxx{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"}]}'
    import templates '{"template_code": "itself", "texts": [{"channel": "*", "subject": "s", "body_template": "{{>itself}}"}]}'
    import templates '{"template_code": "echo", "texts": [{"channel": "*", "subject": "{{{b}}}", "body_template": "{{{b}}}{{c.d.e}}"}]}'
    for code in bomb itself echo; do
        import rules "{\"rule_id\": \"$code\", \"event_type\": \"$code\", \"recipient_type\": \"user\", \"recipient_value\": \"ada\", \"notification_type\": \"TEST_HOSTILE\", \"template_code\": \"$code\", \"channel\": [\"in_app\", \"email\"]}"
    done
    import rules '{"rule_id": "who", "event_type": "who", "recipient_type": "dynamic_field", "recipient_value": "$.**", "notification_type": "TEST_HOSTILE"}')
is "$said" '' 'templates that grow, name themselves, and repeat what they are given; a recipient that is everything'
told() { psql_do "SELECT nightbell.publish('$ACME', '$1', 'm', $2)"; }
bomb=$(told bomb "jsonb_build_object('a', (SELECT jsonb_agg(n) FROM generate_series(1, 300) AS n))")
itself=$(told itself "'{}'")
echoed=$(told echo "jsonb_build_object('b', E'\\x1b[2J\\r\\nBcc: all@acme.example\\n' || repeat('😀', 8000), '__proto__', 1, '', 2)")
who=$(told who "jsonb_build_object('a', (SELECT jsonb_agg(repeat('x', 5) || n) FROM generate_series(1, 5000) AS n), 'b', 'ada', 'c', '%s''; DROP TABLE x; --')")
behind=$(told echo "'{\"b\": \"fine\"}'")
run timeout 120 "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=working_1" worker --once
is_status 0 'the worker ends'
like "$err" 'occurrences window=never failed=' 'the recurrence that has no end has ended'
is "$(psql_do "SELECT problem IS NOT NULL FROM nightbell.windows")" t 'and says so'
is "$(psql_do "SELECT count(*) FROM nightbell.outbox WHERE processed_at IS NULL AND dead_at IS NULL")" 0 'every app event has come to an end'
code() { psql_do "SELECT string_agg(DISTINCT d.code, ' ' ORDER BY d.code) FROM nightbell.decisions d WHERE d.app_event = $1"; }
is "$(code "$bomb")" 'matched no_template' 'what grows without bound is sent to nobody, and says so'
is "$(code "$itself")" 'matched no_template' 'so is what contains itself'
is "$(code "$echoed")" 'in_app matched queued' 'what a context says is sent'
is "$(psql_do "SELECT bool_and(title !~ '[[:cntrl:]]' AND octet_length(title) <= 1020 AND octet_length(message) <= 8192) FROM nightbell.notifications")" t 'as one line for a title, and no longer than a message may be'
is "$(psql_do "SELECT bool_or(subject ~ '[[:cntrl:]]') FROM nightbell.deliveries")" f 'and no subject has a line break in it'
like "$(code "$who")" 'in_app matched unknown_recipient' 'of 5,000 names that nobody has the one that there is hears'
is "$(psql_do "SELECT count(*) FROM nightbell.decisions WHERE app_event = $who AND code = 'unknown_recipient'")" 100 'and the others are a hundred lines at most'
is "$(code "$behind")" 'in_app matched queued' 'what came behind them is done'
done_testing
