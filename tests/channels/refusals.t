#!/bin/bash
# One worker against providers that misbehave, by webhook, SMS and push: those that hang, talk nonsense, are busy, broken, close half-way,
# redirect to where nobody may go, or want no more; and names that lead where nobody may go. What becomes of each is told by the database;
# and when the providers are well again all that could heal arrives, under the ids that it had.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$srcdir/tests/channels/providers.sh"
cluster_start
psql_do "CREATE ROLE nightbell_working LOGIN IN ROLE nightbell_worker"
admin() { run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_admin_dsn" NIGHTBELL_TENANT=acme "$nightbell" "$@"; }
now=$(psql_do 'SELECT now()')
# The worker at a time, with the channels of a file; the clock stands still, so that no minute ends meanwhile.
work_at() {
    psql_do "ALTER ROLE nightbell_working SET nightbell.clock = '$(psql_do "SELECT timestamptz '$now' + interval '$1'")'"
    ${with_hosts:-} "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once --name one --channels "$test_dir/$2" 2>>"$test_dir/log" ||
        fail "a worker at $1" "$(tail -3 "$test_dir/log")"
}
requests() { jq -s "[.[] | select($1)] | length" "$test_dir/providers/requests"; }

# -- providers, on one address of the loopback that is allowed; at the others nobody may call
providers_start "$test_dir/providers" 127.77.0.1 127.0.0.1 ::1
here=http://127.77.0.1:$provider_port
(
    umask 077
    openssl rand -base64 48 >"$test_dir/key"
    printf %s "$twilio_token" >"$test_dir/token"
)
"$nightbell" channels vapid-key "$test_dir/vapid.pem" >"$test_dir/vapid.pub"
# settings FILE TIME_LIMIT
settings() {
    cat >"$test_dir/$1" <<END
[network]
allow = 127.77.0.0/16
[channel.webhook]
kind = webhook
key_file = $test_dir/key
retries = 1m 5m 30m
time_limit = $2
[channel.push]
kind = push
vapid_key_file = $test_dir/vapid.pem
vapid_subject = mailto:ops@box.example
time_limit = $2
[channel.sms]
kind = twilio
url = $here
account = $twilio_account
token_file = $test_dir/token
messaging_service = MG0123456789abcdef0123456789abcdef
time_limit = $2
END
}
settings patient 60s
settings impatient 1s # only where nobody ever answers
sed -i 's/^kind.*/&\nretries = 1h 1h/; /^retries = 1m/d' "$test_dir/impatient"

# -- somebody for each misbehaviour: their number, device and endpoint are where it happens
# four of them are faults: five in a minute would open the breaker
behaviours=(well hang garbage busy 500 half taken redirect 404 410 stop)
point=$(openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -outform DER 2>/dev/null | tail -c 65 | base64 -w 0 | tr '+/' '-_' | tr -d =)
for i in "${!behaviours[@]}"; do
    name=${behaviours[i]} number=+4915100000$((100 + i))
    for key in "$name" "$number"; do behave "$test_dir/providers" "$key" "$(sed -e "s|^redirect\$|to http://127.0.0.1:$provider_port/inside|" -e s/^well// <<<"$name")"; done
    id=$(printf '00000000-0000-4000-9000-%012d' "$i")
    jq -nc --arg id "$id" --arg name "the $name" --arg phone "$number" '{$id, $name, $phone, time_zone: "UTC", roles: ["user"]}' >>"$test_dir/people"
    jq -nc --arg id "$id" --arg name "the $name" --arg url "$here/hook/$name" '{$id, user: $name, channel: "webhook", address: $url}' >>"$test_dir/endpoints"
    jq -nc --arg id "$id" --arg name "the $name" --arg url "$here/push/$name" --arg point "$point" \
        '{$id, user: $name, platform: "web", token: ({endpoint: $url, keys: {p256dh: $point, auth: "BTBZMqHH6r4Tts7J_aSIgg"}} | tojson)}' >>"$test_dir/devices"
done
for kind in users:people devices:devices endpoints:endpoints; do
    admin --quiet "${kind%:*}" import "$test_dir/${kind#*:}"
    is_status 0 "there are ${kind%:*}"
done
# deliver CONDITION-ON-NAMES CHANNELS [AT]
deliver() {
    psql_do "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, address, subject, body, next_attempt_at)
        SELECT nightbell.uuidv7(), u.tenant_id, u.id, 'TEST_NOTE', c.channel, CASE c.channel WHEN 'sms' THEN u.phone END, 'a title', 'a text', timestamptz '$now' + interval '${3:-0s}'
        FROM nightbell.users u CROSS JOIN unnest('$2'::text[]) AS c (channel) WHERE u.name LIKE 'the %' AND u.name $1"
}
states() { # CHANNEL: a line for each
    psql_do "SELECT concat_ws(' ', substr(u.name, 5), d.status, d.attempts, (SELECT a.code FROM nightbell.attempts a WHERE a.delivery_id = d.id ORDER BY a.n DESC LIMIT 1),
            CASE WHEN d.status = 'queued' THEN '+' || round(extract(epoch FROM d.next_attempt_at - '$now') / 60) || 'm' END, d.error)
        FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE d.channel = '$1' ORDER BY 1"
}
# what differs from time to time and from one libcurl to the next
steady() { sed -E -e 's/\+1(2[0-9]|3[0-2])m/+2h/' -e 's/\+1m/+m/' -e 's/(garbage|half) (queued 1 \+m) .+/\1 \2 (why)/' -e 's/(hang queued 1) \+[456][0-9]m .*[Tt]ime.*/\1 +1h (time)/'; }

# -- who hangs, a while before: nobody else is tried with so little patience
deliver "= 'the hang'" '{webhook,push}' '-5 minutes'
work_at '-5 minutes' impatient
is "$(states webhook | steady) $(states push | steady)" 'hang queued 1 +1h (time) hang queued 1 +1h (time)' 'who hangs is given up at the time limit'

# -- all the others
deliver "NOT IN ('the hang')" '{webhook,sms,push}'
work_at 0s patient
is "$(states webhook | steady)" '404 failed 1 404 HTTP 404: no more of it
410 failed 1 410 HTTP 410: no more of it
500 queued 1 500 +m HTTP 500: no more of it
busy queued 1 429 +2h HTTP 429: slow down
garbage queued 1 +m (why)
half queued 1 +m (why)
hang queued 1 +1h (time)
redirect failed 1 302 HTTP 302: redirects are not followed
stop sent 1 201
taken sent 1 201
well sent 1 201' 'webhooks: what may heal waits, what a busy one asks for is waited, a redirect leads nowhere, and what was taken is sent'
is "$(states push | steady)" '404 failed 1 404 HTTP 404: no more of it
410 failed 1 410 HTTP 410: no more of it
500 queued 1 500 +m HTTP 500: no more of it
busy queued 1 429 +2h HTTP 429: slow down
garbage queued 1 +m (why)
half queued 1 +m (why)
hang queued 1 +1h (time)
redirect failed 1 302 HTTP 302: redirects are not followed
stop sent 1 201
taken sent 1 201
well sent 1 201' 'so does push'
is "$(states sms | steady)" '404 failed 1 404 HTTP 404: no more of it
410 failed 1 410 HTTP 410: no more of it
500 queued 1 500 +m HTTP 500: no more of it
busy queued 1 429 +2h HTTP 429: slow down
garbage queued 1 +m (why)
half queued 1 +m (why)
redirect failed 1 302 HTTP 302: redirects are not followed
stop failed 1 21610 21610 Attempt to send to unsubscribed recipient +49…10
taken sent 1 201
well sent 1 201' 'so does SMS, by its own codes, and shows no number'
is "$(psql_do "SELECT string_agg(DISTINCT substr(d.error, 1, 400), '|') FROM nightbell.deliveries d WHERE d.error ~ '[[:cntrl:]]'")" '' 'what a provider said is harmless'
is "$(requests '.host != "127.77.0.1"')" 0 'nobody was called at another address'
is "$(psql_do "SELECT string_agg(substr(u.name, 5), ' ' ORDER BY u.name) FROM nightbell.endpoints e JOIN nightbell.users u ON u.id = e.user_id WHERE e.disabled_at IS NOT NULL")" 410 'the endpoint that is gone is switched off'
is "$(psql_do "SELECT string_agg(substr(u.name, 5), ' ' ORDER BY u.name) FROM nightbell.devices e JOIN nightbell.users u ON u.id = e.user_id WHERE e.disabled_at IS NOT NULL")" '404 410' 'so are the devices that the push service does not know'
is "$(psql_do 'SELECT string_agg(a.address, $$ $$) FROM nightbell.disabled_addresses a')" +4915100000110 'and the number that wants no more'
is "$(psql_do "SELECT count(*) FROM nightbell.admin_system_events WHERE event_type = 'delivery_address_disabled'")" 4 'operators are told of each'
is "$(jq -s 'map(select(.form) | [.form.To, .form.MessagingServiceSid, .form.Body] | join(" ")) | unique | length' "$test_dir/providers/requests")" 10 'the form of each SMS was read'

# -- well again
for key in "$test_dir"/providers/behaviour/*; do behave "$test_dir/providers" "${key##*/}" ''; done
work_at '2 minutes' patient
is "$(psql_do "SELECT string_agg(concat_ws(' ', d.channel, substr(u.name, 5)), ', ' ORDER BY d.channel, u.name) FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE d.status = 'queued'")" \
    'push busy, push hang, sms busy, webhook busy, webhook hang' 'when they are well again all that may heal is sent, but for what is to wait longer'
work_at '2 hours 20 minutes' patient
is "$(psql_do "SELECT string_agg(concat_ws(' ', n, status), ', ' ORDER BY status) FROM (SELECT status, count(*) AS n FROM nightbell.deliveries GROUP BY status) AS s")" '10 failed, 22 sent' 'and that, too, when its time has come'
is "$(psql_do 'SELECT count(*) FROM nightbell.delivery_queue')" 0 'nothing is left in the queue'
is "$(jq -s 'map(select(.key and .headers["webhook-id"]) | .key + " " + .headers["webhook-id"]) | group_by(split(" ")[0]) | map(unique | length) | unique' "$test_dir/providers/requests")" "[
  1
]" 'each under one id'
is "$(psql_do 'SELECT count(*) FROM nightbell.breakers WHERE opened_at IS NOT NULL')" 0 'and no breaker is open'

# -- where names lead
psql_do "DELETE FROM nightbell.deliveries; DELETE FROM nightbell.attempts; DELETE FROM nightbell.endpoints"
: >"$test_dir/providers/requests"
forbidden=(127.0.0.1 127.1.2.3 ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 0.0.0.0 :: 10.0.0.1 172.16.0.1 172.31.255.254 192.168.0.1 169.254.169.254 100.64.0.1 192.0.0.8 192.0.2.1 198.51.100.1
    203.0.113.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 192.88.99.1 fe80::1 fec0::1 fc00::1 fd00::1 ff02::1 2001:db8::1 2001::1 2002:7f00:1::1 64:ff9b::7f00:1 64:ff9b::a00:1 100::1 3fff::1 4000::1)
spelled=(127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 '[::1]' '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' '[0:0:0:0:0:0:0:1]' localhost)
add_endpoint() { # NUMBER URL
    printf -v id '00000000-0000-4000-9000-%012d' "$1"
    jq -nc --arg id "$id" --arg url "$2" '{$id, user: "the well", channel: "webhook", address: $url}'
}
# /etc/hosts is the test's own in a mount namespace
printf '#!/bin/sh\nmount --bind %s /etc/hosts && exec "$@"\n' "$test_dir/hosts" >"$test_dir/with_hosts"
chmod 755 "$test_dir/with_hosts"
echo '127.0.0.1 localhost' >"$test_dir/hosts"
if unshare -m "$test_dir/with_hosts" true 2>/dev/null; then
    with_hosts="unshare -m $test_dir/with_hosts"
    for i in "${!forbidden[@]}"; do
        echo "${forbidden[i]} name$i.example" >>"$test_dir/hosts"
        add_endpoint $((100 + i)) "http://name$i.example:$provider_port/name$i"
    done >"$test_dir/endpoints"
    # one whose name leads there and elsewhere, and one that leads only elsewhere
    printf '%s\n' '10.0.0.1 mixed.example' '127.77.0.1 mixed.example' '127.77.0.1 good.example' >>"$test_dir/hosts"
    add_endpoint 900 "http://mixed.example:$provider_port/mixed" >>"$test_dir/endpoints"
    add_endpoint 901 "http://good.example:$provider_port/good" >>"$test_dir/endpoints"
else
    diag 'no mount namespaces here: no names of our own'
    forbidden=()
    : >"$test_dir/endpoints"
fi
for i in "${!spelled[@]}"; do add_endpoint $((200 + i)) "http://${spelled[i]}:$provider_port/spelled$i"; done >>"$test_dir/endpoints"
admin --quiet endpoints import "$test_dir/endpoints"
is_status 0 'endpoints whose names lead everywhere'
deliver "= 'the well'" '{webhook}'
work_at '3 hours' patient
is "$(psql_do "SELECT concat_ws(' ', e.address, a.outcome, a.error) FROM nightbell.attempts a JOIN nightbell.endpoints e ON e.id = a.target
    WHERE a.outcome <> 'sent' AND (a.outcome <> 'failed' OR a.error !~ ' is (a|an|the) .*: not connected to\$')")" '' 'none of them is connected to, and each says why'
is "$(psql_do "SELECT count(*) FROM nightbell.attempts a WHERE a.outcome = 'failed'")" $((${#forbidden[@]} + ${#spelled[@]})) 'each was tried, once'
is "$(jq -rs 'map(.host + .path) | sort | join(" ")' "$test_dir/providers/requests")" "$([ ${#forbidden[@]} -eq 0 ] || echo 127.77.0.1/good 127.77.0.1/mixed)" 'nobody was called but where it is allowed'
is "$(psql_do 'SELECT count(*) FROM nightbell.breakers')|$(psql_do 'SELECT count(*) FROM nightbell.endpoints e WHERE e.disabled_at IS NOT NULL')" '0|0' 'which is the fault of no provider'
is "$(cat "$test_dir/providers/errors")" '' 'the providers understood everything'
done_testing
