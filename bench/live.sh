# live.sh SAMPLES [FIGURE] - the figures that are about many consoles at once: from commit to painted, what they cost the
# writers, what ringing costs. In a cluster of its own, durable, with room for their sessions. Called by run.sh.
srcdir=${srcdir:-.}
. "$srcdir/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
tap_finished=yes
samples=$1
wanted=${2:-}
wants() { [[ -z $wanted || $1 == "$wanted"* || $wanted == "$1"* ]]; }
say() { echo "$((SECONDS / 60)):$(printf %02d $((SECONDS % 60))) $*" >&2; }
if [ -n "${QUICK:-}" ]; then
    crowd=40 rounds=2 sent=16 crowd_sent=160 crowd_rate=80 burst=600 seconds=1
    export BENCH_FLOOR=50
else
    crowd=${BENCH_CROWD:-500} rounds=${ROUNDS:-5} sent=110 crowd_sent=15000 crowd_rate=${BENCH_RATE:-1000} burst=10000 seconds=3
fi

cluster_start --durable
server_stop
cluster_options="-k $cluster_dir -c fsync=on -c full_page_writes=on -c shared_buffers=128MB -c max_connections=$((crowd + 100)) -c max_wal_size=1GB -c client_min_messages=warning"
server_start || exit 1
psql_do "UPDATE nightbell.tenants SET settings = settings || '{\"rate_limit\": 0}'"
people=$test_dir/people
perl -MDigest::SHA=hmac_sha256_base64 -MMIME::Base64 -e '
    my ($count, $tenant) = @ARGV;
    my $now = time;
    for my $n (1 .. $count) {
        my $id = sprintf "00000000-0000-4000-8000-0000001%05d", $n;
        my $text = join ".", map { my $t = encode_base64($_, ""); $t =~ tr|+/=|-_|d; $t }
            q({"alg":"HS256","typ":"JWT","kid":"tests"}),
            sprintf q({"sub":"%s","tenant":"%s","roles":["user"],"aud":"nightbell","iat":%d,"exp":%d}), $id, $tenant, $now, $now + 36000;
        my $signature = hmac_sha256_base64($text, "a secret of the tests, 32 bytes or more");
        $signature =~ tr|+/|-_|;
        print "$id $text.$signature\n";
    }' "$crowd" "$ACME" >"$people"
psql_do "INSERT INTO nightbell.users (tenant_id, id, name) SELECT '$ACME', ('00000000-0000-4000-8000-0000001' || lpad(n::text, 5, '0'))::uuid, 'watcher ' || n FROM generate_series(1, $crowd) n"
export BENCH_PEOPLE=$people BENCH_CONSOLE=$nightbell BENCH_TENANT=$ACME BENCH_ADMIN_DSN="host=$cluster_dir dbname=nightbell user=postgres"
export BENCH_PRODUCER_DSN=$cluster_producer_dsn BENCH_PRODUCER_TOKEN=$(make_token app) NIGHTBELL_DSN=$cluster_dsn
live=$builddir/bench/live

"$nightbell" --quiet --dsn "$cluster_admin_dsn" hub &
hub=$!
end_hub() { kill "$hub" 2>/dev/null; }
at_exit end_hub
hub_ready() { ls "$cluster_dir"/hub-*[!k] >/dev/null 2>&1; }
wait_for 20 hub_ready || exit 1

# painted FIGURE COUNT RATE SENT: nightbell and its floor in turn
painted() {
    wants "$1_p50" || wants "$1_p99" || wants "$1_rate" || return 0
    say "commit to painted, $2 consoles, $3 a second"
    env -u PGHOST -u PGDATABASE -u PGUSER "$live" consoles "$1" "$2" "$3" "$4" "$rounds" >>"$samples" || say "failed"
}
painted live_1 1 8 "$sent" # a console paints ten times a second at most
if wants burst_paints; then
    say "a burst of $burst"
    env -u PGHOST -u PGDATABASE -u PGUSER "$live" burst "$burst" "$((rounds > 3 ? 3 : rounds))" >>"$samples" || say "failed"
fi
psql_do "TRUNCATE nightbell.notifications"
# rung as the library does it, after the commit: NOTIFY within a commit makes transactions wait for the disk one by one
export BENCH_RING=${BENCH_RING:-after}
painted live_crowd "$crowd" "$crowd_rate" "$crowd_sent"

# ---- writers ----
# tps SCRIPT CLIENTS [OPTIONS…]: transactions a second, each script a file of pgbench's
scripts=$test_dir/scripts
mkdir "$scripts"
draw="\\set user random(1, $crowd)"
user="('00000000-0000-4000-8000-0000001' || lpad((:user)::text, 5, '0'))::uuid"
call="SELECT nightbell.notify('$ACME', $user, 'TEST_NOTE', gen_random_uuid()::text, 'a message of the bench');"
printf '%s\n' "$draw" "$call" >"$scripts/notify"
# what the library does: the second transaction is sent behind the first, without waiting for it
printf '%s\n' "$draw" '\startpipeline' 'BEGIN;' "$call" 'COMMIT;' \
    "SELECT nightbell.ring() FROM set_config('synchronous_commit', 'off', true);" '\endpipeline' >"$scripts/after"
printf '%s\n' "$draw" '\startpipeline' 'BEGIN;' "$call" 'COMMIT;' '\endpipeline' >"$scripts/pipeline"
tps() {
    local script=$1 clients=$2 ring=${3:-commit} token
    token=$(make_token app)
    PGUSER=nightbell_producing PGOPTIONS="-c nightbell.token=$token -c nightbell.ring=$ring" \
        "$pg_bin/pgbench" -n -M prepared -f "$scripts/$script" -c "$clients" -j 2 -T "$seconds" nightbell 2>/dev/null |
        sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
# against FIGURE A-SCRIPT A-RING B-SCRIPT B-RING CLIENTS
against() {
    local round
    wants "$1" || return 0
    say "$1"
    for ((round = 0; round < rounds; round++)); do
        echo "$1 a $(tps "$2" "$6" "$3")" >>"$samples"
        echo "$1 b $(tps "$4" "$6" "$5")" >>"$samples"
    done
}
ring_is() { "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=postgres" db init --ring "$1" >/dev/null 2>&1; }
# The floor has no listener at all: it is measured before they come, and again when they have gone.
attached_side() { # SIDE ROUNDS
    local round clients
    for ((round = 0; round < $2; round++)); do
        for clients in 8 32; do echo "attached_$clients $1 $(tps notify $clients commit)"; done
    done >>"$samples"
}
attached() {
    local holder hold
    mkfifo "$test_dir/attach.in"
    env -u PGHOST -u PGDATABASE -u PGUSER NIGHTBELL_HUB="$(ls "$cluster_dir"/hub-*[!k])" "$live" attach "$crowd" \
        <"$test_dir/attach.in" >"$test_dir/attach.out" &
    holder=$!
    exec {hold}>"$test_dir/attach.in"
    wait_for 300 grep -q ready "$test_dir/attach.out" || exit 1
    attached_side a "$rounds"
    exec {hold}>&-
    wait "$holder"
}
if wants attached_8; then
    say "single notify(), $crowd attached to the hub"
    kill "$hub" && wait "$hub"
    attached_side b "$(((rounds + 1) / 2))"
    "$nightbell" --quiet --dsn "$cluster_admin_dsn" hub &
    hub=$!
    wait_for 20 hub_ready
    attached
    kill "$hub" && wait "$hub"
    attached_side b "$(((rounds + 1) / 2))"
fi
# What ringing costs: the same calls with nobody to ring.
kill "$hub" 2>/dev/null
against ring_after after after pipeline deferred 32
if wants ring_deferred; then
    ring_is deferred
    say ring_deferred
    for ((round = 0; round < rounds; round++)); do
        echo "ring_deferred b $(tps notify 32 deferred)" >>"$samples"
        "$nightbell" --quiet --dsn "$cluster_admin_dsn" hub &
        hub=$!
        wait_for 20 hub_ready
        echo "ring_deferred a $(tps notify 32 deferred)" >>"$samples"
        kill "$hub" && wait "$hub"
    done
fi
say "live figures done"
