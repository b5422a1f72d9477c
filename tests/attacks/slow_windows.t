#!/bin/bash
# One worker evaluates the conditions of all tenants' maintenance windows, and a global operator's console does so for events of every
# tenant: an administrator of one tenant must not be able to write a condition that takes for ever.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start
admin=$(mint "$(claims_of mallory '{"roles": ["user", "operator", "admin"]}')")
import() {
    PGUSER=nightbell_console PGOPTIONS="-c nightbell.token=$admin" "$pg_bin/psql" -XqAt -v details="$1" <<'END'
SELECT coalesce(change, message) FROM nightbell.import_windows('00000000-0000-4000-8000-00000000b0b0', ARRAY[jsonb_build_object('window', 'w-' || md5(:'details'), 'behaviour', 'notices',
    'reason', 'r', 'starts', to_char(now() AT TIME ZONE 'UTC' - interval '2 hours', 'YYYY-MM-DD"T"HH24:MI'),
    'ends', to_char(now() AT TIME ZONE 'UTC' + interval '1 hour', 'YYYY-MM-DD"T"HH24:MI'), 'details', :'details')::text])
END
}
hostile=(
    'exists($.a[*] ? (exists($.a[*] ? (exists($.a[*] ? (@ < 0))))))'
    '$.a[*] > 0 && exists($.** ? (@ == 1))'
    '$.a[*] < $.a[*]'
    '$.a == $.b'
    '$.a[*] ? (@ > 1) == 1'
    '$.name like_regex "^(a+)+$"'
    'exists($.a[0 to 9000])'
    '$.a.keyvalue().id > 0'
)
for details in "${hostile[@]}"; do
    like "$(import "$details")" '^details: expected (only comparisons of members with values|a condition such as)' "refused: $details"
done
is "$(import '$.host == "db1" && !($.load < 3.5 || exists($.test))')" added 'what a window is for is not'
is "$(import '$.a > 0')" added 'nor what is true of one in a list'

# as many comparisons as there is room for, of the longest list there may be
is "$(import "$(printf '$.a == -%d || ' {1..35})\$.a == 0")" added 'much of it'
psql_do "SELECT nightbell.raise_event('e', 'high', 'd', jsonb_build_object('a', (SELECT jsonb_agg(n) FROM generate_series(1, 9000) AS n)), tenant => '$GLOBEX', fingerprint => n::text)
    FROM generate_series(1, 5) AS n; SELECT nightbell.raise_event('e', 'high', 'd', tenant => '$ACME')" >/dev/null
psql_do "SET statement_timeout = '20s'; SELECT nightbell.end_window('$GLOBEX', w.window_id) FROM nightbell.windows w; SELECT nightbell.windows_ended()" >"$test_dir/ended" 2>&1
is $? 0 'is done in a moment, for all tenants' || diag "$(cat "$test_dir/ended")"
is "$(PGOPTIONS="-c statement_timeout=20s" psql_person olga "SELECT count(*) FROM nightbell.events WHERE event_type = 'e'")" 6 'and a global operator sees everybody'"'"'s events'
done_testing
