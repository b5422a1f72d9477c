#!/bin/bash
# Export, there and back again: nothing is lost or doubled, whatever stands in the fields.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start

# Turns RFC 4180 CSV into one JSON array a record.
csv_to_json() { jq -Rsc '
    def record: . as $in | reduce (explode | .[] | [.] | implode) as $c ({rows: [], row: [], field: "", quoted: false, last: ""};
        if .quoted then if $c == "\"" then .quoted = false | .last = "\"" else .field += $c end
        elif $c == "\"" then .quoted = true | if .last == "\"" then .field += "\"" else . end | .last = ""
        elif $c == "," then .row += [.field] | .field = "" | .last = ""
        elif $c == "\n" then .rows += [.row + [.field]] | .row = [] | .field = "" | .last = ""
        elif $c == "\r" then .last = "" else .field += $c | .last = "" end) | .rows[];
    record'; }

jq -nc --arg user "$ADA" '
    ["plain", "with, comma", "with \"quotes\"", "two\nlines", "tab\there", "\u001b[31mred\u001b[0m", "\u009b31m", "\u202egnp.exe",
     "emoji 👩‍👩‍👧", "=1+1", " leading and trailing ", "back\\slash", "日本語"]
    | to_entries[] | {user: $user, type: "BROADCAST_MESSAGE", title: (.value | gsub("\n"; " ")), message: ("m: " + .value),
                      data: {messageId: "\(.key)", text: .value, number: 1.50, list: [1, 2, {a: null}]}}' >"$test_dir/in"
run person app "$nightbell" notify --file "$test_dir/in"
is_status 0 "hostile texts go in"

run person ada "$nightbell" export inbox --format ndjson
is_status 0 "export as NDJSON"
is "$(jq -cS '[.title, .message, .data]' <<<"$out" | tac)" "$(jq -cS '[.title, .message, .data]' "$test_dir/in")" "what went in comes out, newest first"
is "$(LC_ALL=C grep -cP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]' <<<"$out")" 0 "and no control or hidden character is raw"
run person ada "$nightbell" export inbox --format csv
csv_to_json <"$test_dir/stdout" >"$test_dir/records"
is "$(head -n 1 "$test_dir/records" | jq -c '[.[0], .[6], .[-1]]')" '["id","title","data"]' "CSV has a heading"
is "$(tail -n +2 "$test_dir/records" | jq -cS '[.[6], .[7], (.[-1] | fromjson)]' | tac)" \
    "$(jq -cS '[.title, .message, .data]' "$test_dir/in")" "and the same fields, data as JSON"
is "$(grep -c $'\r$' "$test_dir/stdout")" "$((14))" "lines end with CRLF"
like "$(cat "$test_dir/stdout")" ',=1\+1,' "as they are: another program reads them"
run person ada "$nightbell" export inbox --format csv --csv-safe
like "$(cat "$test_dir/stdout")" ",'=1\+1," "for spreadsheets no cell is a formula"
run person ada "$nightbell" export inbox '"with"' --format csv
is "$(grep -c $'\r$' "$test_dir/stdout")" 3 "a filter"

# -- what is exported can be sent again
person ada "$nightbell" export inbox | jq -c --arg user "$BOB" '{user: $user, type, title, message, data}' |
    person app "$nightbell" notify --file - >/dev/null
run person bob "$nightbell" export inbox
is "$(jq -cS '[.title, .data]' <<<"$out")" "$(jq -cS '[.title, .data]' "$test_dir/in")" "a round trip through notify --file"

# -- more rows than a page, events, numbers that C could not hold
psql_do "SELECT set_config('nightbell.token', '$(make_token app)', false);
    SELECT count(nightbell.raise_event('bulk', 'low', 'n ' || n, '{\"big\": 123456789012345678901234567890, \"fine\": 0.10}'::jsonb))
    FROM generate_series(1, 1234) n" >/dev/null
run person bob "$nightbell" export events type:bulk
is "$(wc -l <<<"$out")" 1234 "every row of several pages"
is "$(jq -r .id <<<"$out" | sort -n | uniq | wc -l)" 1234 "none twice"
like "$(head -n 1 <<<"$out")" '"details":\{"big":123456789012345678901234567890,"fine":0.10\}' "numbers are passed on as they are"
done_testing
