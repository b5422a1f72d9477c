#!/bin/bash
# Channels that are programs, by a worker: one that needs no address gets what is for people without an endpoint; of another only confirmed endpoints
# get anything but the code that confirms one. What each reads fits docs/schema/delivery.json.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
python=$(command -v /usr/bin/python3 || command -v python3)
"$python" -c 'import jsonschema, yaml' 2>/dev/null || bail_out "no jsonschema and yaml for $python: install python3-jsonschema and python3-yaml (./bootstrap check does)"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker" >/dev/null
export NIGHTBELL_CHANNELS=$test_dir/channels.conf
read=$test_dir/read
: >"$read"
printf '#!/bin/sh\ncat >>%s\n' "$read" >"$test_dir/send" && chmod 755 "$test_dir/send"
for name in chat lobby email sms push; do printf '[channel.%s]\nkind = program\ncommand = %s\n' $name "$test_dir/send"; done >"$NIGHTBELL_CHANNELS"
sed -i '/^.channel.lobby/a address = no' "$NIGHTBELL_CHANNELS"
work() {
    : >"$read"
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once >"$test_dir/worker" 2>&1 || diag "$(cat "$test_dir/worker")"
    cat "$read" >>"$test_dir/all"
}
tell() { psql_do "SELECT nightbell.notify('$ACME', '$1', 'TEST_NOTE', '$2', 'Größe 🙂', link => 'https://x.example/', channels => '{$3}')" >/dev/null; }
said() { jq -c "$1" "$read" | sort; }
mine() { person "$1" "$nightbell" endpoints "${@:2}"; }
work

tell "$BOB" 'To the lobby' lobby
work
is "$(said '[.channel, .subject, .target.id, .target.address]')" '["lobby","To the lobby",null,null]' 'who has no endpoint is reached by a channel that needs none'
is "$(psql_do "SELECT d.status, a.target IS NULL, a.outcome FROM nightbell.deliveries d JOIN nightbell.attempts a ON a.delivery_id = d.id WHERE d.channel = 'lobby'")" 'sent|t|sent' 'which is recorded as sent'
tell "$BOB" 'To nobody' chat
work
is "$(said .subject)" '' 'but by no channel that needs one'
like "$(psql_do "SELECT string_agg(code, ',') FROM nightbell.decisions WHERE channel = 'chat'")" no_address 'which is decided before anything is sent'

first=$(mine bob add chat '#first')
work
is "$(said '[.type, .target.address]')" '["ADDRESS_CODE","#first"]' 'a code goes to what is not confirmed'
tell "$BOB" 'Too early' chat
work
is "$(said .subject)" '' 'and nothing else does'
mine bob confirm "$first" "$(psql_do "SELECT payload ->> 'code' FROM nightbell.deliveries WHERE type = 'ADDRESS_CODE'")" >/dev/null
second=$(mine bob add chat '#second')
work
is "$(said '[.type, .target.address]')" '["ADDRESS_CODE","#second"]' 'the code of another goes there, and not to what is confirmed'
tell "$BOB" 'To the first' chat
work
is "$(said '[.subject, .target.address, .link]')" '["To the first","#first","https://x.example/"]' 'what is told goes to what is confirmed, and not to the other'
mine bob remove "$second" >/dev/null
psql_do "UPDATE nightbell.users SET phone = '+37120000017', locale = 'de' WHERE id = '$BOB'; SELECT count(*) FROM nightbell.import_devices('$ACME', ARRAY['{\"id\": \"00000000-0000-4000-9000-000000000003\", \"user\": \"bob\", \"platform\": \"ios\", \"token\": \"text\"}'])" >/dev/null
tell "$BOB" 'Everywhere' 'email,sms,push,chat,lobby'
work
is "$(said .channel | paste -sd ' ')" '"chat" "email" "lobby" "push" "sms"' 'a program may be any channel'
NIGHTBELL_DSN=host=/nonexistent "$nightbell" channels test chat --to '#test' >/dev/null
tail -1 "$read" >>"$test_dir/all"
is "$(wc -l <"$test_dir/all")" 10 'all that programs have read, a line each'
jq -c '{kind: "delivery", document: .}' "$test_dir/all" >"$test_dir/documents"
is "$("$python" "$srcdir/tests/commands/config_schemas.py" lines "$srcdir/docs/schema" "$test_dir/documents" | sort -u)" ok 'fits its schema'
is "$(jq -r 'keys_unsorted | join(" ")' "$test_dir/all" | sort -u)" "$(jq -r '.properties | keys_unsorted | join(" ")' "$srcdir/docs/schema/delivery.json")" 'which knows the same members'
done_testing
