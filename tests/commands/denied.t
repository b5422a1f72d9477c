#!/bin/bash
# Every command with no token, a bad one, one that has expired and one that was revoked, and every administrator's command with
# a login that is none: exit code 4, one line that says why, and what to do. The commands are those that --help lists.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
row=$(notify ada 'a row')
event=$(raise high 'an event')
printf '{"user":"%s","type":"TEST_NOTE","title":"a","message":"b"}\n' "$ADA" >"$test_dir/lines"
printf '{"type":"MINE","module":"m","description":"d"}\n' >"$test_dir/types"

# Whose arguments these are; "person" needs to be known, "administrator" needs the login, "nobody" neither.
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
person events list
person events show $event
person events ack $event
person events resolve $event
person events reopen $event
person events assign $event me
person events snooze $event 4h
person events note $event text
person events count
person notify --user $ADA --type TEST_NOTE --title a --message b
person notify --file $test_dir/lines
person broadcast --to tenant --type TEST_NOTE --title a --message b
person announce --type TEST_NOTE --title a --message b
person raise --type t --severity low description
person watch
person watch inbox
person watch events
person export inbox
person export events
person token verify
person whoami
person why $row
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
nobody token show
nobody types list
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
    like "$err" "^nightbell: .*($why)" "$name: and says why"
    is "$out" '' "$name: and nothing else"
}
for i in "${!commands[@]}"; do
    read -r -a words <<<"${commands[i]}"
    case ${kinds[i]} in
    person)
        # a bad token with the login of producers too: it is not better than none
        for dsn in "$cluster_dsn" "$cluster_producer_dsn"; do
            for token in bad expired truncated revoked; do
                case $token in bad) why='malformed' ;; expired) why='expired' ;; truncated) why='signature' ;; revoked) why='revoked' ;; esac
                denied "${commands[i]}, $token" "$why" NIGHTBELL_DSN="$dsn" NIGHTBELL_TOKEN_FILE="$test_dir/$token" "$nightbell" "${words[@]}"
            done
        done
        # verify reads standard input then
        [ "${commands[i]}" = 'token verify' ] || denied "${commands[i]}, no token" "no token|nobody|role producer" NIGHTBELL_DSN="$cluster_dsn" "$nightbell" "${words[@]}"
        ;;
    administrator)
        denied "${commands[i]}, without the login" 'use a login that is a member of nightbell_admin|run db init as a superuser|base64url' NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$(token_file olga)" "$nightbell" "${words[@]}"
        ;;
    esac
done
run person mallory "$nightbell" events show "$event" --json
is_status 3 "what is another tenant's is not there"
run env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_DSN="$cluster_dsn" NIGHTBELL_TOKEN_FILE="$test_dir/expired" "$nightbell" inbox list --json
is "$(jq -r '.error.code' < <(tail -n 1 <<<"$err"))" denied "as JSON the error has a word of its own"
is "$(psql_do "SELECT count(*) FILTER (WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL), count(*) FROM nightbell.notifications")" '1|1' 'and nothing was done'
is "$(psql_do "SELECT count(*) FILTER (WHERE NOT is_resolved AND acknowledged_at IS NULL), count(*) FROM nightbell.admin_system_events")" '1|1' 'to events neither'
done_testing
