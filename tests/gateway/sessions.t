#!/bin/bash
# One session of the database for everybody: what one request leaves in it no other gets; who waits for it waits within bounds; and what a
# session has prepared may be lost. Then where the gateway listens, and with which logins it does not.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/gateway.sh"
cluster_start
gateway_login
gateway_start --sessions 1
notifications=/v1/me/notifications
of_ada=$(notify ada "ada's")
of_bob=$(notify bob "bob's")
of_carol=$(notify carol "carol's")

# ---- what a request leaves behind ----
http_as ada GET $notifications
is "$code $(json '.items[].title')" "200 ada's" 'ada sees what is hers'
http GET /readyz
is "$code" 200 'and her token is gone with the transaction'
hold 'LOCK TABLE nightbell.notifications'
http_as ada GET $notifications
is "$code" 503 'a request that fails in the middle'
release
http GET /readyz
is "$code $(metric rollbacks_total)" '200 1' 'leaves no token: it is rolled back'
http_as bob GET $notifications
is "$code $(json '.items[].title')" "200 bob's" 'and the next sees only what is his own'
http_as ada POST "$notifications/$of_bob/read"
is "$code" 404 'and acts on nothing else'
http_as bob POST "$notifications/$of_bob/read"
is "$code $(json .item.status)" '200 read' 'each on their own'
for n in 1 2 3 4 5 6 7 8 9 10; do
    for who in ada bob carol; do
        curl -sS -H "Authorization: Bearer $(cat "$(token_file $who)")" "$gateway$notifications" | jq -r --arg who $who '.items[].title | select(. != $who + "'\''s")' &
    done
done >"$test_dir/mixed"
wait $(jobs -p | grep -vx "$gateway_pid")
is "$(cat "$test_dir/mixed")" '' 'thirty at once by one session are not mixed up'

# ---- a token that ends while it is used ----
psql_do "UPDATE nightbell.users SET deleted_at = now() WHERE id = '$CAROL'" >/dev/null
http_as carol GET $notifications
is "$code $(json .type)" '401 /problems/unauthorized' 'whoever is deleted is refused with the next request'
like "$(header WWW-Authenticate)" 'error="invalid_token"' 'as a token that is not valid'
psql_do "UPDATE nightbell.users SET deleted_at = NULL WHERE id = '$CAROL'" >/dev/null
allowed() { http_as carol GET $notifications && [ "$code" = 200 ]; }
wait_for 15 allowed
is $? 0 'what was refused is asked again after some seconds'

# ---- what was prepared gets lost ----
for n in 1 2 3; do http_as ada POST "$notifications/$of_ada/read"; done
psql_do "ALTER FUNCTION nightbell.inbox_set_state(text, uuid[], timestamptz[]) RENAME TO former_set_state;
    CREATE FUNCTION nightbell.inbox_set_state(field text, ids uuid[], times timestamptz[]) RETURNS TABLE (id uuid, previous text)
    LANGUAGE sql SECURITY DEFINER AS 'SELECT s.id, s.previous::text FROM nightbell.former_set_state(field, ids, times) AS s';
    GRANT EXECUTE ON FUNCTION nightbell.inbox_set_state(text, uuid[], timestamptz[]) TO nightbell_client" >/dev/null
rollbacks=$(metric rollbacks_total)
http_as ada POST "$notifications/$of_ada/unread"
is "$code $(json .item.status)" '200 unread' 'what an upgrade changed under a session is prepared anew'
is "$(($(metric rollbacks_total) - rollbacks))" 1 'by running the request once more'
psql_do "DROP FUNCTION nightbell.inbox_set_state(text, uuid[], timestamptz[]);
    ALTER FUNCTION nightbell.former_set_state(text, uuid[], timestamptz[]) RENAME TO inbox_set_state" >/dev/null
http_as ada POST "$notifications/$of_ada/read"
is "$code $(json .item.status)" '200 read' 'and back'

# ---- waiting ----
hold 'LOCK TABLE nightbell.notifications'
waiting=()
for n in 1 2 3 4; do
    curl -sS -o /dev/null -w '%{http_code} %header{retry-after}\n' -H "Authorization: Bearer $(cat "$(token_file ada)")" "$gateway$notifications" >>"$test_dir/waited" &
    waiting+=($!)
done
wait "${waiting[@]}"
is "$(sort "$test_dir/waited" | uniq -c | tr -s ' ')" ' 4 503 1' 'who waits for the session for too long is told to try again'
release
like "$(metric waits_total)" '^[1-9]' 'waits are counted'
http_as ada GET $notifications
is "$code" 200 'and the session is free again'

# ---- a server that does not answer ----
server_freeze
http_as ada GET $notifications
frozen="$code $(json .type)"
http GET /healthz
frozen="$frozen $code"
server_thaw
is "$frozen" '503 /problems/unreachable 200' 'a server that is frozen is given up after a while; the process lives'
back() { http_as ada GET $notifications && [ "$code" = 200 ]; }
wait_for 30 back
is $? 0 'and comes back'
gateway_stop
is "$gateway_status" 0 'it ends well'

# ---- connections ----
gateway_start --sessions 1 --connections 3
perl -MIO::Socket::INET -e 'my @held = map { IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die } 1 .. 3; $| = 1; print "held\n"; <STDIN>' "${gateway#http://}" \
    >"$test_dir/holding" < <(exec tail -f --pid=$$ /dev/null) &
holding=$!
wait_for 20 grep -q held "$test_dir/holding"
http GET /healthz --max-time 2
is "$code" 000 'over its connections nobody is accepted'
kill $holding
answers() { http GET /healthz && [ "$code" = 200 ]; }
wait_for 20 answers
is $? 0 'until some end'
gateway_stop

# ---- the metrics' token ----
(umask 077 && echo metrics-secret >"$test_dir/metrics.token")
gateway_start --sessions 1 --metrics-token-file "$test_dir/metrics.token"
http GET /metrics
is "$code" 401 'with a token of their own the metrics are for nobody without it'
http GET /metrics -H 'Authorization: Bearer metrics-secre'
is "$code" 401 'nor with a part of it'
http GET /metrics -H 'Authorization: Bearer metrics-secret' -H 'X-Forwarded-For: 192.0.2.1'
is "$code" 200 'from everywhere with it'
gateway_stop
chmod 0644 "$test_dir/metrics.token"
run "$nightbell" --dsn "$(gateway_dsn)" gateway --listen 127.0.0.1:0 --metrics-token-file "$test_dir/metrics.token"
is_status 4 'a file that others can read is none'

# ---- a unix socket ----
gateway_start --sessions 1 --unix "$test_dir/gateway.socket"
gateway=http://localhost
http GET /healthz --unix-socket "$test_dir/gateway.socket"
is "$code" 200 'a unix socket'
http GET /metrics --unix-socket "$test_dir/gateway.socket"
is "$code" 403 'whose peers have no address: no metrics without a token'
run "$nightbell" --dsn "$(gateway_dsn)" gateway --unix "$test_dir/gateway.socket"
like "$status $err" '^1 .*somebody listens there already' 'there is one gateway at one place'
kill -9 $gateway_pid
wait $gateway_pid 2>/dev/null
gateway_start --sessions 1 --unix "$test_dir/gateway.socket"
pass 'what one that was killed has left is taken over'
gateway_stop
not_ok 'and removed at the end' test -e "$test_dir/gateway.socket"
gateway_start --sessions 1 --unix "$test_dir/gateway.socket"
former=$gateway_pid
gateway=http://localhost
hold 'LOCK TABLE nightbell.notifications'
http_as ada GET $notifications --unix-socket "$test_dir/gateway.socket" &
asking=$!
under_way() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell gateway' AND wait_event_type = 'Lock'")" -ge 1 ]; }
wait_for 20 under_way
kill -TERM $former
refused() { ! curl -sS --max-time 5 --unix-socket "$test_dir/gateway.socket" http://localhost/healthz; }
wait_for 20 refused
gateway_log=$test_dir/successor.log
gateway_start --sessions 1 --unix "$test_dir/gateway.socket"
wait $asking $former
release
gateway=http://localhost
http GET /healthz --unix-socket "$test_dir/gateway.socket"
is "$code" 200 'one that still answers takes nothing from its successor at the same place'
gateway_stop
echo x >"$test_dir/file"
run "$nightbell" --dsn "$(gateway_dsn)" gateway --unix "$test_dir/file"
is "$status $(cat "$test_dir/file")" '2 x' 'a file that is no socket stays'

# ---- systemd's socket ----
activate='use Socket; use Fcntl; use POSIX ();
    my $s; $^F = 9; socket($s, PF_INET, SOCK_STREAM, 0) && bind($s, sockaddr_in(0, INADDR_LOOPBACK)) && listen($s, 16) or die;
    POSIX::dup2(fileno($s), 3) or die; $ENV{LISTEN_FDS} = $ENV{COUNT} // 1; $ENV{LISTEN_PID} = $$; exec @ARGV or die'
: >"$gateway_log"
env -u PGHOST -u PGDATABASE -u PGUSER perl -e "$activate" "$nightbell" --dsn "$(gateway_dsn)" gateway --sessions 1 >/dev/null 2>"$gateway_log" &
gateway_pid=$!
gateway_wait
http GET /healthz
is "$code" 200 'the socket that systemd passes is taken'
gateway_stop
run env COUNT=2 perl -e "$activate" "$nightbell" --dsn "$(gateway_dsn)" gateway --sessions 1
like "$status $err" '^2 .*systemd passes 2 sockets' 'two are a mistake'

# ---- what it does not begin with ----
for address in nonsense 127.0.0.1 127.0.0.1: :80 127.0.0.1:70000 ::1:80 localhost:0 '[::1]' 127.0.0.1:x; do
    run "$nightbell" --dsn "$(gateway_dsn)" gateway --listen "$address"
    is_status 2 "no place to listen: $address"
done
psql_do "CREATE ROLE much LOGIN IN ROLE nightbell_client, nightbell_producer" >/dev/null
psql_do "CREATE ROLE passing LOGIN BYPASSRLS IN ROLE nightbell_client" >/dev/null
psql_do "CREATE ROLE administering LOGIN IN ROLE nightbell_client, nightbell_admin" >/dev/null
psql_do "CREATE ROLE nothing LOGIN" >/dev/null
for login in 'postgres|is a superuser' 'much|is a member of nightbell_producer' 'passing|passes row security by' "ada|is a person's" 'administering|is a member of nightbell_admin'; do
    run "$nightbell" --dsn "$(gateway_dsn "${login%%|*}")" gateway --listen 127.0.0.1:0
    like "$status $err" "^4 .*login ${login#*|}" "the login ${login%%|*} is refused: it ${login#*|}"
done
run "$nightbell" --dsn "$(gateway_dsn nothing)" gateway --listen 127.0.0.1:0
is_status 4 'and one that is no client'
done_testing
