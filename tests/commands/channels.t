#!/bin/bash
# `nightbell channels list`: what channels.conf says beside what the database knows: who uses a channel, what waits, when it last sent, how it is.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker; UPDATE nightbell.users SET locale = NULL" >/dev/null
told=0
export NIGHTBELL_DSN=$cluster_admin_dsn
work() { "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once >"$test_dir/worker" 2>&1 || diag "$(cat "$test_dir/worker")"; }
about() { "$nightbell" --json channels | jq -c "select(.channel == \"$1\") | $2"; }
tell() { psql_do "SELECT nightbell.notify('$ACME', '$ADA', 'TEST_NOTE', 'Title $((++told))', 'Text', channels => '{$1}')" >/dev/null; }

run "$nightbell" channels
is_status 0 'the group alone lists'
is "$out" "$("$nightbell" channels list)" 'as list does'
is "$(cut -f 1,2,3,8 <<<"$out")" 'email	-	-	well
push	-	-	well
sms	-	-	well
webhook	-	-	well' 'without a file what the database knows'

export NIGHTBELL_CHANNELS=$test_dir/channels.conf
printf '#!/bin/sh\ncat >/dev/null\n[ ! -e %s/broken ] || { echo "no \033[31mroom for $1" >&2; exit 69; }\n' "$test_dir" >"$test_dir/send" && chmod 755 "$test_dir/send"
cat >"$NIGHTBELL_CHANNELS" <<END
[channel.chat]
kind = program
command = $test_dir/send {address}
[channel.lobby]
kind = program
command = $test_dir/send
address = no
[channel.sms]
kind = twilio
account = AC1
token_env = HOME
from = +15005550006
[channel.email]
kind = null
END
run "$nightbell" channels
is "$(grep -E '^(chat|lobby|sms)' <<<"$out" | cut -f 1,2,3,8)" "sms	twilio	https://api.twilio.com	well
chat	program	$test_dir/send	no worker has told of it
lobby	program	$test_dir/send	no worker has told of it" 'what only the file has stands behind it'
is "$(about chat '[.kind, .provider, .configured, .needs_address, .known_at, .rules, .breaker]')" "[\"program\",\"$test_dir/send\",true,true,null,null,null]" 'as JSON'
unlike "$out" "$HOME" 'no secret is printed'

work
psql_do "SELECT nightbell.add_endpoint('acme', 'ada', 'chat', '#ada'); SELECT nightbell.add_endpoint('acme', 'bob', 'chat', '#bob');
    UPDATE nightbell.endpoints SET verified_at = NULL WHERE address = '#bob';
    SELECT nightbell.import_rules('$ACME', ARRAY['{\"rule_id\": \"r\", \"event_type\": \"e\", \"recipient_type\": \"role\", \"recipient_value\": \"operator\", \"notification_type\": \"TEST_NOTE\",
        \"channel\": [\"chat\", \"in_app\"], \"fallback_channels\": [\"sms\", \"chat\"]}'])" >/dev/null
is "$(about chat '[.configured, (.known_at != null), .rules, .addresses, .waiting, .last_sent_at, .breaker, .down]')" '[true,true,1,1,0,null,"closed",0]' 'who uses it: rules once each, endpoints that are confirmed'
is "$(about sms .rules) $(about email .addresses)" "1 $(psql_do "SELECT count(*) FROM nightbell.users WHERE email IS NOT NULL AND deleted_at IS NULL")" 'fallbacks count, and of e-mail the people who have one'
is "$(about lobby .needs_address)" false 'one that needs no address'
tell chat
work
ok 'when something was sent is told' [ "$(about chat '(.last_sent_at | fromdateiso8601? // (sub("\\.[0-9]+";"") | fromdateiso8601)) > now - 600')" = true ]
like "$("$nightbell" channels | grep ^chat)" $'^chat\tprogram\t.*\t1\t1\t0\t20[0-9-]+ [0-9:]+\twell\t-$' 'to people too'
touch "$test_dir/broken"
tell chat
work
is "$(about chat '[.last_error, .waiting, .breaker]')" '["no ␛[31mroom for #…",1,"closed"]' 'and the last error, with a masked address' || diag "$(about chat .)"
unlike "$("$nightbell" channels)" $'\033' 'which harms no terminal'
for _ in 1 2 3 4 5; do tell chat; done
work
is "$(about chat '[.breaker, .down, (.breaker_until != null)]')" '["open",1,true]' 'five faults within a minute: it is down'
like "$("$nightbell" channels | grep ^chat)" $'\tdown until 20' 'which it says'
psql_do "UPDATE nightbell.breakers SET opened_at = now() - interval '1 hour', open_until = now() - interval '1 minute'" >/dev/null
like "$("$nightbell" channels | grep ^chat)" $'\tbeing tried\t' 'then somebody tries'

# -- who may know
is "$(person ada "$nightbell" channels --json | jq -c 'select(.channel == "chat") | [.kind, .rules, .waiting, .last_error, .breaker]')" '["program",null,null,null,null]' 'the names are for everybody, and no more'
run env NIGHTBELL_TOKEN=nonsense NIGHTBELL_DSN="$cluster_dsn" "$nightbell" channels
is_status 0 'who is nobody sees the names, too'
printf '[channel.chat]\nkind = programm\n' >"$NIGHTBELL_CHANNELS"
run "$nightbell" channels
is_status 2 'a file with a mistake'
like "$err" "$NIGHTBELL_CHANNELS:2: .*program" 'is refused by its line'
done_testing
