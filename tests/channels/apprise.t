#!/bin/bash
# Debian's apprise as a channel, as docs/delivery.md shows it: a room that ada adds gets the code that confirms it, then what is sent to
# her; a chat service that is down is told of in apprise's words and tried again.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/channels/providers.sh"
[ -x /usr/bin/apprise ] || skip_all 'apprise is not installed'
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
providers_start "$test_dir/service" 127.0.0.1
echo "orders=json://127.0.0.1:$provider_port/orders" >"$test_dir/apprise.conf"
# the example's lines, with our file in place of its
sed -n '/^\[channel.chat\]/,/^$/p' "$srcdir/examples/config/channels.conf" | sed "s|/etc/nightbell/apprise.conf|$test_dir/apprise.conf|; s/^retries.*/retries = 10m/" >"$test_dir/channels.conf"
echo 'time_limit = 120s' >>"$test_dir/channels.conf"
like "$(cat "$test_dir/channels.conf")" "command = /usr/bin/apprise .*$test_dir/apprise.conf" 'the example is of apprise'
work() {
    psql_do "ALTER ROLE nightbell_working SET nightbell.clock = '$(psql_do "SELECT now() + interval '${1:-1 second}'")'"
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once --channels "$test_dir/channels.conf" 2>>"$test_dir/log" || fail 'a worker' "$(tail -3 "$test_dir/log")"
}
told() { jq -rs "last.body | fromjson | $1" "$test_dir/service/requests"; }
deliveries() { psql_do "SELECT concat_ws(' ', d.type, d.status, d.attempts, d.error) FROM nightbell.deliveries d ORDER BY d.id"; }

work
is "$(psql_do "SELECT kind FROM nightbell.channels WHERE name = 'chat'")" program 'a worker makes the channel known'
run person ada "$nightbell" endpoints add chat orders --label 'my room'
is_status 0 'ada adds a room'
work
code=$(told .title | grep -oE '[0-9]{6}')
like "$code" '^[0-9]{6}$' 'the room gets a code'
id=$(psql_do "SELECT id FROM nightbell.endpoints WHERE user_id = '$ADA'")
run person ada "$nightbell" endpoints confirm "$id" "$code"
is_status 0 'which confirms it'
tell() { as_app <<<"SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', '$1', 'Größe: 7 — \$HOME \`id\`', channels => '{chat}')" >/dev/null; }
tell 'Order "7"; $(id)'
work
is "$(told '[.title, .message, .type] | join("|")')" 'Order "7"; $(id)|Größe: 7 — $HOME `id`|info' 'a notification comes there as it is'
is "$(deliveries | tail -1)" 'TEST_NOTE sent 1' 'and is sent'

# -- down, and well again
behave "$test_dir/service" orders 503
tell 'Order 8'
work
like "$(deliveries | tail -1)" '^TEST_NOTE queued 1 .*Failed to send JSON POST notification.*503' 'where the service is down, operators read what apprise says of it'
behave "$test_dir/service" orders ''
work '15 minutes'
is "$(deliveries | tail -1) $(told .title)" 'TEST_NOTE sent 2 Order 8' 'and it goes when it is well again'

# -- a tag that is nowhere
psql_do "UPDATE nightbell.endpoints SET address = 'nowhere'"
tell 'Order 9'
work
like "$(deliveries | tail -1)" '^TEST_NOTE queued 1 .*3' 'a room that its configuration lacks is no success'
done_testing
