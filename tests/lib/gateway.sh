# gateway.sh - a gateway of the test's own on a free port of loopback, and requests to it by curl. After cluster.sh.
#
#   gateway_login                    makes the login nightbell_gateway; once, after cluster_start
#   gateway_start [option…]          starts it: $gateway is its URL, $gateway_pid its process, $gateway_log its log
#   gateway_stop                     SIGTERM; its exit code is in $gateway_status
#   http METHOD PATH [curl option…]  sets $code, $headers (one a line, without CR) and $body; $code is 000 when no answer came
#   http_as NAME METHOD PATH […]     the same with the token of ada, bob, carol, app, olga or mallory
#   http_raw [SECONDS]               sends its standard input as it is, and prints what is answered until the connection ends
#   json FILTER                      what jq makes of $body
#   header NAME                      the value of an answer's header
#   metric NAME                      a figure of /metrics, by its name with its labels
#   hold SQL                         runs it in a transaction that stays open until release

gateway_pid= gateway_log=$test_dir/gateway.log
gateway_dsn() { echo "host=$cluster_dir dbname=nightbell user=${1:-nightbell_gateway}"; }
gateway_login() { psql_do "CREATE ROLE nightbell_gateway LOGIN IN ROLE nightbell_client"; }
gateway_kill() { [ -z "$gateway_pid" ] || kill -9 "$gateway_pid" 2>/dev/null; }
at_exit gateway_kill

gateway_start() {
    local place=(--listen 127.0.0.1:0)
    [[ " $* " != *" --unix "* ]] || place=()
    : >"$gateway_log"
    env -u PGHOST -u PGDATABASE -u PGUSER "$nightbell" --dsn "$(gateway_dsn)" gateway "${place[@]}" "$@" \
        >"$test_dir/gateway.out" 2>"$gateway_log" &
    gateway_pid=$!
    gateway_wait
}
gateway_wait() {
    gateway_is_there() { grep -q 'gateway ready' "$gateway_log" || ! kill -0 "$gateway_pid" 2>/dev/null; }
    wait_for 60 gateway_is_there
    gateway=http://$(sed -n 's/.*gateway ready address=\([^ ]*\).*/\1/p' "$gateway_log")
    [ "$gateway" != http:// ] || bail_out "the gateway does not start: $(cat "$gateway_log")"
}
gateway_stop() {
    kill -TERM "$gateway_pid"
    gateway_status=0
    wait "$gateway_pid" || gateway_status=$?
    gateway_pid=
}

http() {
    local method=$1 path=$2
    shift 2
    : >"$test_dir/http.headers"
    : >"$test_dir/http.body"
    code=$(curl -sS --max-time 60 -X "$method" -o "$test_dir/http.body" -D "$test_dir/http.headers" -w '%{http_code}' "$@" \
        "$gateway$path" 2>"$test_dir/http.error")
    headers=$(tr -d '\r' <"$test_dir/http.headers")
    body=$(cat "$test_dir/http.body")
}
http_as() {
    local name=$1
    shift
    http "$@" -H "Authorization: Bearer $(cat "$(token_file "$name")")"
}
http_raw() {
    perl -MIO::Socket::INET -e '
        my ($address, $seconds) = @ARGV;
        my $socket = IO::Socket::INET->new(PeerAddr => $address) or die "$address: $!\n";
        $SIG{PIPE} = "IGNORE"; alarm $seconds;
        local $/; my $bytes = <STDIN>; print $socket $bytes; $socket->flush;
        while (sysread $socket, my $said, 65536) { print $said }' "${gateway#http://}" "${1:-20}"
}
json() { jq -r "$1" <<<"$body"; }
header() { sed -n "s/^$1: //Ip" <<<"$headers" | head -1; }
metric() { curl -sS "$gateway/metrics" | awk -v name="nightbell_gateway_$1" '$1 == name { print $2 }'; }
hold() {
    coproc holder { "$pg_bin/psql" -XqAt; }
    echo "BEGIN; $1; SELECT 'held';" >&"${holder[1]}"
    read -r _ <&"${holder[0]}"
}
release() {
    echo 'ROLLBACK; \q' >&"${holder[1]}"
    wait "$holder_PID" 2>/dev/null
}
