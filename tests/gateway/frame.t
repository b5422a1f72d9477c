#!/bin/bash
# What every request goes through: routes and methods, ids, bounds of header, body and time, sessions of the database that are lost and
# come back, and the end with a request under way.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/gateway.sh"
cluster_start
gateway_login
gateway_start --sessions 2 --connections 64
notifications=/v1/me/notifications
id=$(notify ada 'a title')

# ---- slow ones, while all the rest goes on: they send steadily, and never come to an end ----
drip() { # drip REQUEST: then a byte every 0.2 s; prints how many seconds it was suffered
    perl -MIO::Socket::INET -MTime::HiRes=sleep,time -e '
        my ($address, $request) = @ARGV; my $began = time; $SIG{PIPE} = "IGNORE";
        my $socket = IO::Socket::INET->new(PeerAddr => $address) or die "$address: $!\n";
        $request =~ s/\n/\r\n/g; print $socket $request; $socket->flush;
        while (time - $began < 60) {
            last unless syswrite $socket, "x";
            my $set = ""; vec($set, fileno $socket, 1) = 1;
            last if select($set, undef, undef, 0.2) && !sysread $socket, my $said, 4096;
        }
        printf "%d\n", time - $began;' "${gateway#http://}" "$1"
}
drip $'GET /healthz HTTP/1.1\nHost: x\nX-Slow: ' >"$test_dir/slow.header" &
slow_header=$!
drip "POST $notifications/$id/read HTTP/1.1
Host: x
Authorization: Bearer $(cat "$(token_file ada)")
Content-Type: application/json
Content-Length: 4096

" >"$test_dir/slow.body" &
slow_body=$!

# ---- routes ----
http GET /healthz
is "$code $body" '200 {"status":"ok"}' 'the process lives'
http GET /readyz
is "$code $body" '200 {"status":"ready"}' 'and can serve'
head=$(printf 'HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | http_raw | tr -d '\r')
like "$head" '^HTTP/1.1 200.*Content-Length: 16$' 'HEAD is GET'
unlike "$head" 'status' 'without a body'
http GET /nothing
is "$code $(header Content-Type) $(json .type) $(json .status)" '404 application/problem+json /problems/not-found 404' 'nothing is there'
http GET /problems/not-found
like "$body" '^Not found \(404\)' 'what a problem means can be asked'
http GET /problems/none
is "$code" 404 'of those that there are'
http DELETE $notifications
is "$code $(header Allow) $(json .type)" '405 GET, HEAD, OPTIONS /problems/method-not-allowed' 'a method that the path does not know'
http OPTIONS "$notifications/$id"
is "$code $(header Allow)" '204 GET, PATCH, HEAD, OPTIONS' 'or which it knows'
for path in /healthz/ //healthz /healthz/x / '/v1/me/notifications/x/read/more' '/v1//me/notifications' /%68ealthz%2f; do
    http GET "$path" --path-as-is
    is "$code" 404 "no route: $path"
done
http GET /%68ealthz
is "$code" 200 'a path is decoded'
for path in /%00healthz /healthz%0 /healthz%zz /%ff '/healthz?a=%' '/healthz?%c0%80=1' "/healthz?$(printf 'a&%.0s' $(seq 33))" "/$(printf 'a/%.0s' $(seq 13))"; do
    http GET "$path" --path-as-is
    is "$code" 400 "no URL: ${path:0:30}"
done

# ---- ids, and what is never kept ----
http GET /healthz -H 'X-Request-Id: a-request.1'
is "$(header X-Request-Id)" a-request.1 "the sender's id comes back"
http GET /nothing -H "X-Request-Id: a b"
like "$(header X-Request-Id)" '^[0-9a-f-]{36}$' 'one that could break a log is replaced'
is "$(json .request_id)" "$(header X-Request-Id)" 'and stands in the problem'
like "$(cat "$gateway_log")" "request=GET path=/nothing status=404 ms=[0-9]+ id=$(header X-Request-Id)" 'and in the log'
http GET "/nothing?token=secret-of-the-query"
is "$(grep -c secret-of-the-query "$gateway_log")" 0 'what stands in a query does not'
http_as ada GET $notifications
is "$(header Cache-Control) $(header X-Content-Type-Options)" 'no-store nosniff' 'nobody on the way keeps it'

# ---- bounds ----
large() { head -c "$1" /dev/zero | tr '\0' x >"$test_dir/large"; }
large 4097
http_as ada POST "$notifications/$id/read" -H 'Content-Type: application/json' --data-binary "@$test_dir/large"
is "$code $(json .type)" '413 /problems/too-large' 'a body over the bound'
http_as ada POST "$notifications/$id/read" -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' --data-binary "@$test_dir/large"
is "$code" 413 'in pieces, too'
http_as ada POST "$notifications/$id/read" -H 'Content-Type: text/plain' -H 'Transfer-Encoding: chunked' --data-binary '{}'
is "$code" 400 'and in pieces it has to be JSON as well'
large 3000000
http_as ada POST "$notifications/$id/read" -H 'Content-Type: application/json' -H 'Expect:' --data-binary "@$test_dir/large"
like "$code" '^(413|000)$' 'or far over it'
http GET /healthz -H 'Content-Type: application/json' --data-binary 'x'
is "$code" 413 'where none is expected'
http GET /healthz -H "X-Large: $(head -c 40000 "$test_dir/large")"
like "$code" '^(431|000)$' 'a header over the bound'
http GET "/healthz?$(head -c 40000 "$test_dir/large")"
like "$code" '^(414|431|000)$' 'a URL over the bound'
is "$(psql_do "SELECT read_at FROM nightbell.notifications WHERE id = '$id'")" '' 'nothing of it was done'

# ---- what two programs could understand differently ----
first_line() { tr -d '\r' | head -1; }
ask() { printf 'POST %s/%s/read HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%b' $notifications "$id" "$(cat "$(token_file ada)")" "$1" | http_raw; }
for lengths in 'Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello' 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' \
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n' 'Content-Length: +5\r\n\r\nhello' 'Content-Length: 5x\r\n\r\nhello' \
    'Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n' 'Host: y\r\nContent-Length: 0\r\n\r\n' 'Authorization: Bearer x\r\nContent-Length: 0\r\n\r\n'; do
    like "$(ask "$lengths" | first_line)" '^(HTTP/1.1 400 .*|)$' "refused: ${lengths%%\\r\\n\\r\\n*}"
done
is "$(psql_do "SELECT read_at FROM nightbell.notifications WHERE id = '$id'")" '' 'and nothing of it was done'
# a proxy may take for one request what we would take for two
behind() { printf '%s HTTP/1.1\r\nHost: x\r\n%bGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$1" "$2" | http_raw | grep -c '^HTTP/1.1'; }
for lengths in 'Content-Length: 0\r\nContent-Length: 60\r\n\r\n' 'Content-Length: 70\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' 'Host: y\r\n\r\n'; do
    for request in "POST $notifications/$id/read" "PATCH $notifications/$id" 'GET /healthz' 'GET /%zz'; do
        like "$(behind "$request" "$lengths")" '^[01]$' "nothing is read behind it: ${request%% /*} ${lengths%%\\r\\n\\r\\n*}"
    done
done
twice=$(printf 'POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' | http_raw)
is "$(grep -c '^HTTP/1.1' <<<"$twice")" 1 'the rest of a body that nobody reads is no request'

# ---- garbage ----
aborted=$(metric requests_aborted_total)
for n in 1 2 3 4 5; do head -c 20000 /dev/urandom | http_raw >/dev/null 2>&1; done
printf 'GET' | http_raw 1 >/dev/null 2>&1
printf 'POST %s/%s/read HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"re' $notifications "$id" \
    "$(cat "$(token_file ada)")" | http_raw 1 >/dev/null 2>&1
more_aborted() { [ "$(metric requests_aborted_total)" -gt "$aborted" ]; }
ok 'half a body is given up' wait_for 10 more_aborted
http GET /healthz
is "$code" 200 'after garbage it goes on'
is "$(psql_do "SELECT read_at FROM nightbell.notifications WHERE id = '$id'")" '' 'half a request does nothing'

# ---- the metrics ----
http GET /metrics
is "$code $(header Content-Type)" '200 text/plain; version=0.0.4; charset=utf-8' 'metrics for this host'
is "$(grep -vcE '^(# (HELP|TYPE) nightbell_gateway_[a-z_]+ .+|nightbell_gateway_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+)$' <<<"$body")" 0 'each line is of the format'
like "$body" 'requests_total\{method="GET",route="/healthz",status="200"\} [1-9]' 'requests are counted by route and status'
http GET /metrics -H 'X-Forwarded-For: 192.0.2.1'
is "$code" 403 'not for whom a proxy asks'

# ---- the database in the way ----
blocked() { [ "$(psql_do "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightbell gateway' AND wait_event_type = 'Lock'")" -ge "$1" ]; }
hold 'LOCK TABLE nightbell.notifications'
http_as ada GET $notifications
is "$code $(json .type) $(header Retry-After)" '503 /problems/busy 1' 'a lock that does not come in time: busy, and when to try again'
is "$(metric rollbacks_total)" 1 'the session is rolled back'
release
http_as ada GET $notifications
is "$code" 200 'and lent again'

hold 'LOCK TABLE nightbell.verified_tokens IN EXCLUSIVE MODE'
http_as bob GET $notifications
is "$code" 200 'a lock in the way of keeping a token is given up, and the request goes on'
release

hold 'LOCK TABLE nightbell.notifications'
http_as ada GET $notifications -o "$test_dir/killed" &
wait_for 20 blocked 1
curl -sS -o "$test_dir/killed" -w '%{http_code}\n' -H "Authorization: Bearer $(cat "$(token_file ada)")" "$gateway$notifications" >"$test_dir/killed.code" &
killed=$!
wait_for 20 blocked 2
kill_backends 'nightbell gateway' >/dev/null
wait $killed
is "$(cat "$test_dir/killed.code") $(jq -r .type "$test_dir/killed")" '503 /problems/unreachable' 'a session that is killed under it'
release
is_ready() { http GET /readyz && [ "$code" = 200 ]; }
ok 'the sessions come back' wait_for 20 is_ready

server_stop immediate
not_ready() { http GET /readyz && [ "$code" = 503 ]; }
wait_for 20 not_ready
is $? 0 'without a database it is not ready'
is "$(json .type) $(header Retry-After)" '/problems/unreachable 2' 'and says so'
http GET /healthz
is "$code" 200 'but lives'
http_as ada GET $notifications
is "$code $(json .type)" '503 /problems/unreachable' 'who asks is told to try again'
server_start
ok 'the database is back' wait_for 30 is_ready
http_as ada GET $notifications
is "$code $(json .counts.unread)" '200 1' 'and so are the pages'
like "$(cat "$gateway_log")" 'database=lost .*database=back' 'the log has both'

# ---- the slow ones ----
wait $slow_header
like "$(cat "$test_dir/slow.header")" '^1[0-9]$' 'a header that never ends is suffered for 10 s'
wait $slow_body
like "$(cat "$test_dir/slow.body")" '^3[0-9]$' 'a body for 30'
is "$(metric connections_late_total)" 2 'both are counted'

# ---- the end, with a request under way ----
hold 'LOCK TABLE nightbell.notifications'
curl -sS -i -H "Authorization: Bearer $(cat "$(token_file ada)")" "$gateway$notifications" >"$test_dir/last" &
last=$!
wait_for 20 blocked 1
kill -TERM $gateway_pid
refused() { ! curl -sS --max-time 5 "$gateway/healthz"; }
ok 'after SIGTERM nothing is accepted' wait_for 10 refused
release
wait $last
like "$(tr -d '\r' <"$test_dir/last")" 'HTTP/1.1 200 OK.*Connection: close.*"title":"a title"' 'what was under way is answered'
wait $gateway_pid
is $? 0 'and it ends well'
gateway_pid=
done_testing
