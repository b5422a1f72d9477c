#!/bin/bash
# The units for systemd: systemd finds nothing wrong with them, their command lines are the program's, and what they start tells
# its manager when it is ready and when it ends.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
cluster_start
psql_do "CREATE ROLE nightbell LOGIN IN ROLE nightbell_worker; CREATE ROLE \"nightbell-gateway\" LOGIN IN ROLE nightbell_client"
units=$builddir/packaging/systemd
started=
end_started() { [ -z "$started" ] || kill -9 $started 2>/dev/null; }
at_exit end_started

# Prints what is sent to the socket, a line each; ends after "STOPPING=1".
manager() {
    perl -MIO::Socket::UNIX -e '
        my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$ARGV[0]: $!";
        $| = 1; print "manager\n"; alarm 60;
        while (defined $socket->recv(my $said, 4096)) { print "$said\n"; last if $said =~ /^STOPPING/ }' "$1"
}

for name in worker hub gateway; do
    unit=$units/nightbell-$name.service
    line=$(sed -n 's/^ExecStart=//p' "$unit")
    like "$line" "^/[^ ]*/bin/nightbell $name" "the unit of the $name starts the installed program"
    words=($line)
    sed "s|^ExecStart=[^ ]*|ExecStart=$nightbell|; s|^User=.*|User=nobody|" "$unit" >"$test_dir/nightbell-$name.service"
    if command -v systemd-analyze >/dev/null; then
        said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$test_dir/nightbell-$name.service" 2>&1 | grep "nightbell-$name")
        is "$said" '' "systemd finds nothing wrong with it"
        ok "and it may do little" systemd-analyze security --offline=true --threshold=25 "$test_dir/nightbell-$name.service"
    fi
    for setting in Type=notify NoNewPrivileges=yes ProtectSystem=strict 'SystemCallFilter=@system-service'; do
        ok "it says $setting" grep -qx "$setting" "$unit"
    done

    manager "$test_dir/manager" >"$test_dir/told" &
    listening=$!
    wait_for 20 grep -q manager "$test_dir/told" || bail_out 'no manager'
    (
        eval "export $(sed -n 's/^Environment=//p' "$unit")"
        NIGHTBELL_HUB=$test_dir/hub.socket NIGHTBELL_LISTEN=127.0.0.1:0 NIGHTBELL_DSN="$NIGHTBELL_DSN host=$cluster_dir" NOTIFY_SOCKET=$test_dir/manager exec "$nightbell" "${words[@]:1}"
    ) >"$test_dir/$name.out" 2>"$test_dir/$name.err" &
    started=$!
    wait_for 20 grep -qx READY=1 "$test_dir/told"
    is $? 0 "the $name says when it is ready" || diag "$(cat "$test_dir/$name.err")"
    kill -TERM $started
    wait $started
    is $? 0 'it ends well'
    started=
    wait $listening
    is "$(sed 1d "$test_dir/told" | tr '\n' ' ')" 'READY=1 STOPPING=1 ' 'and says so'
    rm -f "$test_dir/manager"
done

if command -v systemd-analyze >/dev/null; then
    cp "$srcdir/packaging/systemd/nightbell-gateway.socket" "$test_dir/"
    said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$test_dir/nightbell-gateway.socket" 2>&1 | grep nightbell-gateway)
    is "$said" '' "systemd finds nothing wrong with the gateway's socket"
fi
like "$(sed -n 's/^ListenStream=//p' "$srcdir/packaging/systemd/nightbell-gateway.socket")" "^$(sed -n 's/.*NB_GATEWAY_ADDRESS "\(.*\)".*/\1/p' "$srcdir/core/gateway/gateway.h")$" \
    'which is where the gateway listens by itself'
done_testing
