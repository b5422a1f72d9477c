#!/bin/bash
# What leaves the console by :export and by the clipboard is, byte for byte, what `nightbell export` writes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/screen.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/lib/console.sh"
cluster_start

psql_do "SELECT set_config('nightbell.token', '$(make_token app)', false);
    SELECT nightbell.notify('$ACME', '$ADA', 'BROADCAST_MESSAGE', '=HYPERLINK(\"x\")', E'two\nlines, \"quoted\" \u202e',
        data => '{\"messageId\": \"1\", \"big\": 123456789012345678901234567890, \"fine\": 0.10}', link => 'https://acme.example/1', urgency => 'high');
    SELECT nightbell.announce('$ACME', 'BROADCAST_MESSAGE', '日本語 👩‍👩‍👧', 'é', data => '{\"messageId\": \"2\"}');
    SELECT nightbell.raise_event('disk', 'high', '@full', '{\"free\": 1e400}'::jsonb)" >/dev/null

person ada "$nightbell" export inbox >"$test_dir/inbox.ndjson"
person ada "$nightbell" export inbox --format csv --csv-safe >"$test_dir/inbox.csv"
console_start -n ada ada 100x20
screen_wait 'Inbox 2'
for kind in ndjson csv; do
    option=
    [ $kind = ndjson ] || option='--csv '
    keys ':' "export $option$test_dir/console.$kind" '<Enter>'
    screen_shows "wrote 2 notifications to .*$kind" "exported as $kind"
    ok "the same bytes as nightbell export writes" cmp "$test_dir/inbox.$kind" "$test_dir/console.$kind"
done
like "$(cat "$test_dir/console.csv")" "'=HYPERLINK" "no cell is a formula"
like "$(cat "$test_dir/console.ndjson")" '"big":123456789012345678901234567890,"fine":0\.10' "numbers of any length survive"

keys 'g' 'g' 'j' '<Enter>'
screen_wait '123456789012345678901234567890'
screen_mark
keys ':' 'copy json' '<Enter>'
screen_shows 'json sent to the terminal' "the clipboard"
is "$(screen_osc | sed -n 's/^52;c;//p' | base64 -d)" "$(person ada "$nightbell" inbox list HYPERLINK --json)" "has the same bytes"

person olga "$nightbell" export events is:open >"$test_dir/events.ndjson"
console_start -n olga olga 100x20
keys '2'
screen_wait '@full'
keys ':' "export $test_dir/events.console" '<Enter>'
screen_shows 'wrote 1 event' "events"
ok "the same bytes" cmp "$test_dir/events.ndjson" "$test_dir/events.console"
done_testing
