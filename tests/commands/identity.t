#!/bin/bash
# Who is asking, and the exit codes of those who may not: no token, a bad one, an expired one, the wrong role.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
# an export that is larger than a pipe's buffer
psql_do "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
    SELECT nightbell.uuidv7_at(now() - i * interval '1 second'), '$ACME', '$ADA', 'BROADCAST_MESSAGE', 'row ' || i, repeat('x', 4000)
    FROM generate_series(1, 1200) i"
dsn=$cluster_dsn
unset PGHOST PGDATABASE PGUSER
export NIGHTBELL_DSN=$dsn

denied() {
    is_status 4 "$1: exit code 4"
    like "$err" "^nightbell: .*$2" "$1: says why"
    is "$out" '' "$1: shows nothing"
}
run "$nightbell" inbox
denied "no token" 'who you are'
for verb in 'inbox count' 'inbox read-all' 'events list' 'export inbox' 'watch inbox'; do
    run timeout 20 "$nightbell" $verb
    denied "no token, $verb" 'who you are'
done
printf 'not.a.token' >"$test_dir/bad" && chmod 600 "$test_dir/bad"
run "$nightbell" inbox --token-file "$test_dir/bad"
denied "a bad token" 'token'
(umask 077 && make_token ada -60 >"$test_dir/old")
run "$nightbell" inbox --token-file "$test_dir/old"
denied "an expired token" 'expired'
cp "$(token_file ada)" "$test_dir/open" && chmod 644 "$test_dir/open"
run "$nightbell" inbox --token-file "$test_dir/open"
isnt "$status" 0 "a token file that others can read is refused"
like "$err" 'read' "says so"
run "$nightbell" inbox --token-file "$test_dir/none"
isnt "$status" 0 "no such token file"
like "$err" "token file $test_dir/none" "is named"

run "$nightbell" inbox --token-file "$(token_file ada)"
is_status 0 "--token-file"
NIGHTBELL_TOKEN_FILE=$(token_file ada) run "$nightbell" inbox
is_status 0 "NIGHTBELL_TOKEN_FILE"
NIGHTBELL_TOKEN=$(make_token ada) run "$nightbell" inbox
is_status 0 "NIGHTBELL_TOKEN"
run "$nightbell" inbox --dsn "host=$cluster_dir dbname=nightbell user=ada"
is_status 0 "a login that is a person needs no token"

run person ada "$nightbell" notify --user "$ADA" --type BROADCAST_MESSAGE --title t --message m --data '{"messageId": "1"}'
denied "a reader may not notify" 'role'
run person ada "$nightbell" raise --type t --severity low hello
denied "a reader may not raise" 'role'
run person ada "$nightbell" notify --file - <<<'{"user":"'"$ADA"'","type":"BROADCAST_MESSAGE","title":"t","message":"m","data":{"messageId":"1"}}'
is_status 4 "nor from a file"
run person app "$nightbell" notify --user "$MALLORY" --type BROADCAST_MESSAGE --title t --message m --data '{"messageId": "1"}'
isnt "$status" 0 "a producer may not notify another tenant's people"

# A token that ends during an export: the command fails, so that nobody takes what was written for everything.
(umask 077 && make_token ada 5 >"$test_dir/short")
mkfifo "$test_dir/slow"
"$nightbell" export inbox --token-file "$test_dir/short" >"$test_dir/slow" 2>"$test_dir/refused" &
has_ended() { ! "$nightbell" inbox count --token-file "$test_dir/short" >/dev/null 2>&1; }
rows=$({ read -r _; wait_for 20 has_ended; wc -l; } <"$test_dir/slow")
wait $!
is $? 4 "a token that ends meanwhile: exit code 4"
like "$(cat "$test_dir/refused")" 'who you are: .*expired' "with the reason"
ok "after those rows that were still allowed" test "$rows" -ge 499 -a "$rows" -lt 1199
done_testing
