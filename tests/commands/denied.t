#!/bin/bash
# Every command with no token, a bad one, one that has expired and one that was revoked, every administrator's command with a
# login that is none, and every other command with the token of a person whose roles do not reach: exit code 4, one line that says why, and what to do. The commands are those that --help lists.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
row=$(notify ada 'a row')
event=$(raise high 'an event')
printf '{"user":"%s","type":"TEST_NOTE","title":"a","message":"b"}\n' "$ADA" >"$test_dir/lines"
printf '{"type":"MINE","module":"m","description":"d"}\n' >"$test_dir/types"
printf '{"event_type":"po_approved","module":"purchasing"}\n' >"$test_dir/published"
printf '{"source":"source","fingerprint":"fingerprint"}\n' >"$test_dir/settled"
# of each kind of configuration one document that is there, and the same with another name, which nobody may bring
mkdir "$test_dir/folder"
there() { # KIND DOCUMENT-WITH-@ NAME OTHER-NAME
    echo "${2//@/$4}" >"$test_dir/$1"
    printf '%s: [%s]\n' "$1" "${2//@/$4}" >"$test_dir/folder/$1.yaml"
    "$nightbell" --dsn "$cluster_admin_dsn" --tenant acme --quiet "$1" import - --yes <<<"${2//@/$3}" >/dev/null || bail_out "$1 are not imported"
}
there users "{\"id\": \"@\", \"name\": \"zoe\"}" 00000000-0000-4000-9000-000000000001 00000000-0000-4000-9000-000000000002
there groups '{"group": "@", "members": ["zoe"]}' buyers mine
there devices '{"id": "@", "user": "zoe", "platform": "web", "token": "text"}' 00000000-0000-4000-9000-000000000003 00000000-0000-4000-9000-000000000004
there endpoints '{"id": "@", "user": "zoe", "channel": "webhook", "address": "https://hooks.example/"}' 00000000-0000-4000-9000-000000000005 00000000-0000-4000-9000-000000000006
there addresses '{"address": "+3712000000@"}' 1 2
there templates '{"template_code": "@", "texts": [{"channel": "*", "body_template": "text"}]}' greeting mine
there rules '{"rule_id": "@", "event_type": "po_*", "recipient_type": "role", "recipient_value": "operator", "notification_type": "TEST_NOTE"}' approved mine
there episodes '{"event_type": "@", "stale_after": "PT5M"}' 'job_*' 'mine_*'
there windows '{"window": "@", "behaviour": "notices", "starts": "2026-01-01T22:00", "ends": "2026-01-01T23:00", "until": "2026-01-01T22:00", "reason": "text"}' move mine
there heartbeats '{"heartbeat": "@", "every": "PT10M"}' backup mine
configuration() {
    psql_do "SELECT (SELECT string_agg(name, ' ') FROM nightbell.users WHERE email IS NULL AND deleted_at IS NULL AND name <> 'app'), (SELECT string_agg(name, ' ') FROM nightbell.groups),
        (SELECT string_agg(token, ' ') FROM nightbell.devices), (SELECT string_agg(address, ' ') FROM nightbell.endpoints), (SELECT string_agg(address, ' ') FROM nightbell.disabled_addresses),
        (SELECT string_agg(template_code, ' ') FROM nightbell.templates), (SELECT string_agg(rule_id, ' ') FROM nightbell.rules),
        (SELECT string_agg(event_type, ' ') FROM nightbell.event_types), (SELECT string_agg(window_id, ' ') FROM nightbell.windows WHERE ended_at IS NULL),
        (SELECT string_agg(heartbeat_id, ' ') FROM nightbell.heartbeats)"
}
is "$(configuration)" 'zoe|buyers|text|https://hooks.example/|+37120000001|greeting|approved|job_*|move|backup' 'there is a configuration'

# Who may run each command: "person" has to be known, "administrator" needs the login, "nobody" needs neither. "operator" has to be
# known as one, "manager" needs the login or the role admin, and "worker" the login of workers; "gateway" one of a client alone.
while read -r who command; do
    case $command in '' | '#'*) continue ;; esac
    commands+=("$command")
    kinds+=("$who")
done <<END
person inbox list
person inbox show $row
person inbox read $row
person inbox unread $row
person inbox archive $row
person inbox delete $row
person inbox read-all
person inbox count
person prefs show
person prefs set email=off
manager prefs show --user bob
manager prefs set email=off --user bob
person events list
person events show $event
person events ack $event
person events resolve $event
person events reopen $event
person events assign $event me
person events snooze $event 4h
person events note $event text
person events count
person deliveries list
person deliveries show $row
person deliveries retry $row
person deliveries retry-all
person deliveries cancel $row
person deliveries count
person notify --user $ADA --type TEST_NOTE --title a --message b
person notify --file $test_dir/lines
person broadcast --to tenant --type TEST_NOTE --title a --message b
person announce --type TEST_NOTE --title a --message b
person raise --type t --severity low description
person publish po_approved --module purchasing
person publish --file $test_dir/published
person settle source fingerprint
person settle --file $test_dir/settled
person heartbeat backup
person watch
person watch inbox
person watch events
person export inbox
person export events
person export deliveries
person token verify
person whoami
person why $row
person stats
person stats --prometheus
operator windows list
operator windows start --for 1h --reason text
operator windows end move
operator heartbeats list
manager users list
manager users show zoe
manager users export
manager users import $test_dir/users
manager users delete zoe
manager groups list
manager groups show buyers
manager groups export
manager groups import $test_dir/groups
manager groups delete buyers
manager devices list
manager devices show 00000000-0000-4000-9000-000000000003
manager devices export
manager devices import $test_dir/devices
manager devices delete 00000000-0000-4000-9000-000000000003
manager endpoints list
manager endpoints show 00000000-0000-4000-9000-000000000005
manager endpoints export
manager endpoints import $test_dir/endpoints
manager endpoints delete 00000000-0000-4000-9000-000000000005
person endpoints mine
person endpoints add webhook https://hooks.example/mine
person endpoints confirm 00000000-0000-4000-9000-000000000005 123456
person endpoints code 00000000-0000-4000-9000-000000000005
person endpoints remove 00000000-0000-4000-9000-000000000005
person endpoints rotate 00000000-0000-4000-9000-000000000005
manager addresses list
manager addresses show +37120000001
manager addresses export
manager addresses import $test_dir/addresses
manager addresses delete +37120000001
manager windows show move
manager windows export
manager windows import $test_dir/windows
manager windows delete move
manager heartbeats show backup
manager heartbeats export
manager heartbeats import $test_dir/heartbeats
manager heartbeats pause backup
manager heartbeats resume backup
manager heartbeats delete backup
manager templates list
manager templates show greeting
manager templates export
manager templates import $test_dir/templates
manager templates delete greeting
manager templates preview greeting
manager templates check
manager rules list
manager rules test --event po_approved
manager rules show approved
manager rules export
manager rules import $test_dir/rules
manager rules delete approved
manager episodes list
manager episodes show job_*
manager episodes export
manager episodes import $test_dir/episodes
manager episodes delete job_*
manager apply $test_dir/folder
manager export-config $test_dir/exported
worker worker --once
gateway gateway --listen 127.0.0.1:0
administrator token mint --user $ADA --tenant $ACME
administrator token exchange $test_dir/bad --key $test_dir/secret --issuer i --audience a
administrator token revoke --id x
administrator key add
administrator key list
administrator key retire tests
administrator types import $test_dir/types
administrator types delete TEST_NOTE
administrator db init
administrator db status
administrator db purge
administrator db rotate-partitions
administrator demo load
administrator receipts import $test_dir/receipts
nobody channels list
nobody channels test chat --to x --channels $test_dir/channels.conf
nobody channels vapid-key $test_dir/vapid
nobody channels webhook-key
nobody channels webhook-secret 00000000-0000-4000-9000-000000000005
nobody token show
nobody types list
nobody types show TEST_NOTE
nobody types export
nobody hub
nobody completion bash
nobody completion zsh
nobody completion fish
nobody completion words
nobody demo env
nobody demo live
nobody demo clear
nobody local start
nobody local stop
nobody local status
nobody local env
nobody local destroy
END

# nothing that the help lists is left out
names() { "$nightbell" --help | sed -n '/^usage/d; /^options of/q; /^  [a-z]/p' | sed -E 's/^  //; s/ {2,}[a-z(].*$//; s/ *\[list\]/ list/; s/ +(\[|-|[A-Z]|…|inbox\|).*//; s/ +/ /g' | sort -u; }
listed() { printf '%s\n' "${commands[@]}" | while read -r first second _; do
    if names | grep -qxF "$first $second"; then echo "$first $second"; else echo "$first"; fi; done | sort -u; }
is "$(listed)" "$(names)" "the table has every command of --help"

umask 077
echo 'a secret of the tests, 32 bytes or more' >"$test_dir/secret"
echo x.y.z >"$test_dir/bad"
echo '{"delivery": "00000000-0000-7000-8000-000000000001", "status": "sent"}' >"$test_dir/receipts"
make_token ada -10 >"$test_dir/expired"
make_token ada | sed 's/.$//' >"$test_dir/truncated"
revoked=$(perl -MDigest::SHA=hmac_sha256_base64 -MMIME::Base64 -e '
    my $t = join ".", map { my $t = encode_base64($_, ""); $t =~ tr|+/=|-_|d; $t } q({"alg":"HS256","kid":"tests"}),
        sprintf(q({"sub":"%s","tenant":"%s","roles":["user","operator","producer"],"aud":"nightbell","jti":"gone","exp":%d}), @ARGV, time + 600);
    my $s = hmac_sha256_base64($t, "a secret of the tests, 32 bytes or more"); $s =~ tr|+/|-_|; print "$t.$s"' "$ADA" "$ACME")
echo "$revoked" >"$test_dir/revoked"
psql_do "INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('gone', now() + interval '1 day')"

denied() { # NAME WHY COMMAND…
    local name=$1 why=$2
    shift 2
    run timeout 30 env -u PGHOST -u PGDATABASE -u PGUSER "$@"
    is_status 4 "$name: exit code 4"
    like "$(grep '^nightbell: ' <<<"$err")" "^nightbell: .*($why)" "$name: and says why"
    is "$out" '' "$name: and nothing else"
}
refused_tokens() { # DSN: what is no token is no better than none, whatever the login
    local token why
    for token in bad expired truncated revoked; do
        case $token in bad) why='malformed' ;; expired) why='expired' ;; truncated) why='signature' ;; revoked) why='revoked' ;; esac
        denied "${commands[i]}, $token" "$why" NIGHTBELL_DSN="$1" NIGHTBELL_TOKEN_FILE="$test_dir/$token" "$nightbell" "${words[@]}"
    done
}
refused_person() { # NAME WHY
    denied "${commands[i]}, $1" "$2" NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$(token_file "$1")" "$nightbell" "${words[@]}"
}
for i in "${!commands[@]}"; do
    read -r -a words <<<"${commands[i]}"
    case ${kinds[i]} in
    person)
        refused_tokens "$cluster_dsn"
        refused_tokens "$cluster_producer_dsn"
        # verify reads standard input then
        [ "${commands[i]}" = 'token verify' ] || denied "${commands[i]}, no token" "no token|nobody|role producer" NIGHTBELL_DSN="$cluster_dsn" "$nightbell" "${words[@]}"
        ;;
    operator | manager)
        refused_tokens "$cluster_dsn"
        denied "${commands[i]}, no token" 'no token|nobody|no identity|administrator of the tenant' NIGHTBELL_DSN="$cluster_dsn" "$nightbell" "${words[@]}"
        refused_person ada 'administrator of the tenant'
        [ "${kinds[i]}" = operator ] || refused_person bob 'administrator of the tenant'
        ;;
    worker) refused_person olga 'nightbell_worker' ;;
    gateway) denied "${commands[i]}, a login that may more" 'is a member of nightbell_producer' NIGHTBELL_DSN="$cluster_producer_dsn" "$nightbell" "${words[@]}" ;;
    administrator) refused_person olga 'use a login that is a member of nightbell_admin|run db init as a superuser|base64url' ;;
    esac
done
run person mallory "$nightbell" events show "$event" --json
is_status 3 "what is another tenant's is not there"
run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$test_dir/expired" "$nightbell" inbox list --json
is "$(jq -r '.error.code' < <(tail -n 1 <<<"$err"))" denied "as JSON the error has a word of its own"
is "$(psql_do "SELECT count(*) FILTER (WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL), count(*) FROM nightbell.notifications")" '1|1' 'and nothing was done'
is "$(psql_do "SELECT count(*) FILTER (WHERE NOT is_resolved AND acknowledged_at IS NULL), count(*) FROM nightbell.admin_system_events")" '1|1' 'to events neither'
is "$(configuration)" 'zoe|buyers|text|https://hooks.example/|+37120000001|greeting|approved|job_*|move|backup' 'nor to the configuration'
is "$(psql_do "SELECT count(*) FROM nightbell.outbox WHERE source_kind = 'publish'")" 0 'nor was anything published'
is "$(ls "$test_dir/exported" 2>&1 | grep -c yaml)" 0 'and none was written'
done_testing
