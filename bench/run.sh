# run.sh [FIGURE] - measures, prints the table, writes bench/results.json in the build directory. QUICK=1: small, few rounds.
# FIGURE is a name of figures.txt or the beginning of one: start, slow, memory, key, bytes, idle, page, row_security, token,
# live, burst, attached, ring, notify, batch, file, broadcast, announce, service, render, publish, match_rules, audience, digests, worker_memory,
# drain, sending_memory, smtp_one, webhooks_out, page_bulk, page_dead, page_hanging, hanging_p99.
srcdir=${srcdir:-.}
. "$srcdir/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
. "$srcdir/tests/lib/node.sh"
. "$srcdir/tests/lib/plan.sh"
tap_finished=yes # it reads like a test and reports like a table
wanted=${1:-}
quick=${QUICK:-}
bench=$builddir/bench
samples=$test_dir/samples
: >"$samples"

if [ -n "$quick" ]; then
    sizes=(-v thousand=1000 -v million=10000 -v tenmillion=100000)
    export ROUNDS=2 BENCH_PAGES=50 idle_rounds=1
    echo "QUICK: 10,000 rows stand for 1 M, 100,000 for 10 M; 2 rounds. Not for quoting."
else
    sizes=(-v thousand=1000 -v million=1000000 -v tenmillion=10000000)
    case $wanted in row_security* | token* | slow*) sizes[5]=tenmillion=1000 ;; esac # these figures do not read that inbox
    export ROUNDS=${ROUNDS:-5} BENCH_PAGES=${BENCH_PAGES:-300} idle_rounds=3
fi
wants() {
    local name
    for name in "$@"; do
        [[ -z $wanted || $name == "$wanted"* || $wanted == "$name"* ]] && return 0
    done
    return 1
}
say() { echo "$((SECONDS / 60)):$(printf %02d $((SECONDS % 60))) $*" >&2; }
. "$srcdir/bench/produce.sh"
. "$srcdir/bench/engine.sh"
. "$srcdir/bench/delivery.sh"
. "$srcdir/bench/delivery_pages.sh"

# Figures about many consoles need no rows, but a server with enough connections.
report() {
    "${AWK:-awk}" -v json="$bench/results.json" -f "$srcdir/bench/report.awk" "$srcdir/bench/figures.txt" "$samples"
    echo "written to $bench/results.json"
}
# Rendering needs no server.
measure_rendering() {
    local round why='' in=("$srcdir/bench/template.txt" "$srcdir/bench/template.json")
    wants render render_js || return 0
    say "templates"
    why=$(node_packages "$srcdir/tests/data/mustache-js" mustache-js) || say "without mustache.js: $(tail -1 <<<"$why")"
    for ((round = 0; round < ROUNDS; round++)); do
        "$bench/template" "${in[@]}"
        [ -n "$why" ] || (cd "$builddir/tests/mustache-js" && node "$srcdir/bench/template.cjs" "${in[@]}")
    done >>"$samples"
}
# Nor does what is sent over HTTP.
measure_channels() {
    local round
    wants webpush webhooks || return 0
    say "channels"
    for ((round = 0; round < ROUNDS; round++)); do "$bench/channels"; done >>"$samples"
}
case $wanted in
webpush | webhooks)
    measure_channels
    report
    exit
    ;;
render*)
    measure_rendering
    report
    exit
    ;;
live* | burst* | attached* | ring*)
    bash "$srcdir/bench/live.sh" "$samples" "$wanted"
    report
    exit
    ;;
esac

cluster_start --durable
if ! wants_only_producing; then
    say "loading"
    server_stop && cluster_options="-k $cluster_dir -c fsync=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=8GB
        -c shared_buffers=1GB -c autovacuum=off" && server_start
    load() { "$pg_bin/psql" -Xq -v ON_ERROR_STOP=1 -v ACME=$ACME -v APP=$APP "$@" || exit 1; }
    load "${sizes[@]}" -f "$srcdir/bench/load_begin.sql"
    (load -v part=0 -f "$srcdir/bench/load_rows.sql") &
    (load -v part=1 -f "$srcdir/bench/load_rows.sql") && wait $! || exit 1
    load -f "$srcdir/bench/load_end.sql"
    say "vacuum"
    psql_do 'VACUUM (FREEZE, ANALYZE)' && psql_do CHECKPOINT
fi
# PostgreSQL's own defaults, durable.
server_stop && cluster_options="-k $cluster_dir -c fsync=on -c full_page_writes=on -c shared_buffers=128MB
    -c max_connections=100 -c autovacuum_naptime=1min -c max_wal_size=1GB" && server_start || exit 1
export BENCH_POSTMASTER=$(head -1 "$cluster_dir/data/postmaster.pid") BENCH_CONSOLE=$nightbell BENCH_MARKER='bench row '
export BENCH_TENANT=$ACME BENCH_QUERIES=$srcdir/core/sql/queries BENCH_BARE=$srcdir/bench
export BENCH_DSN=$cluster_dsn BENCH_ADMIN_DSN="host=$cluster_dir dbname=nightbell user=postgres"
export BENCH_PRODUCER_DSN=$cluster_producer_dsn BENCH_PRODUCER_TOKEN=$(make_token app)
export NIGHTBELL_DSN=$cluster_dsn
unset PGHOST PGDATABASE PGUSER

# reader N command…: as the reader whose id ends in beN
reader() {
    local id=00000000-0000-4000-8000-00000000be0$1 token=$test_dir/reader$1.token
    shift
    (umask 077 && make_token "$id" 86400 >"$token")
    BENCH_USER=$id BENCH_TOKEN=$(cat "$token") NIGHTBELL_TOKEN_FILE=$token "$@" >>"$samples" || say "failed: $*"
}

say "measuring"
wants start_1k start_10m_flat && reader 1 "$bench/console" start start_1k "$bench/page" first
wants start_1m && reader 2 "$bench/console" start start_1m "$bench/page" first
if wants start_10m start_10m_flat; then
    reader 3 "$bench/console" start start_10m "$bench/page" first
    awk '$1 == "start_10m" && $2 == "a" { print "start_10m_flat a", $3 } $1 == "start_1k" && $2 == "a" { print "start_10m_flat b", $3 }' \
        "$samples" >"$samples.flat"
    cat "$samples.flat" >>"$samples"
fi
if wants slow_start; then
    mkdir "$test_dir/line"
    "$builddir/tests/lib/relay" "$test_dir/line/.s.PGSQL.5432" "$cluster_dir/.s.PGSQL.5432" 75 >"$test_dir/turns" &
    relay=$!
    end_relay() { kill "$relay" 2>/dev/null; }
    at_exit end_relay
    wait_for 5 test -S "$test_dir/line/.s.PGSQL.5432" || exit 1
    slow="host=$test_dir/line dbname=nightbell user=nightbell_console"
    NIGHTBELL_DSN=$slow BENCH_DSN=$slow reader 1 "$bench/console" start slow_start "$bench/page" first
fi
say "page queries"
export BENCH_DEEP_KEY=$("$pg_bin/psql" -XqAt "$BENCH_ADMIN_DSN" -c "SELECT id FROM nightbell.notifications
    WHERE tenant_id = '$ACME' AND user_id = '00000000-0000-4000-8000-00000000be03' ORDER BY id OFFSET 1000 LIMIT 1")
wants page_older_deep page_newer_deep jump_to_oldest && reader 3 "$bench/page" depth
if wants row_security token_check; then
    # the same query as a login that bypasses row security, but whose privileges are checked like any other's
    PGHOST=$cluster_dir PGDATABASE=nightbell PGUSER=postgres psql_do "CREATE ROLE bench_bypass LOGIN BYPASSRLS IN ROLE nightbell_client"
    BENCH_BYPASS_DSN="host=$cluster_dir dbname=nightbell user=bench_bypass" reader 2 "$bench/page" security
fi
if wants page_plan; then
    for query in older:ffffffff-ffff-ffff-ffff-ffffffffffff newer:00000000-0000-0000-0000-000000000000; do
        plan=$(PGHOST=$cluster_dir PGDATABASE=nightbell page_plan "inbox_page_${query%%:*}" 00000000-0000-4000-8000-00000000be03 "${query#*:}")
        echo "page_plan a $(plan_shape <<<"$plan" | grep -cvxE 'Merge Append|Index Scan on a partition|by tenant, user and id')" >>"$samples"
    done
fi
say "keys, bytes"
wants key_p50 key_p95 key_stopped_p50 key_stopped_p95 && reader 3 "$bench/console" keys
wants bytes_move bytes_page && reader 3 "$bench/console" bytes
say "memory, idling"
wants memory_1k && reader 1 "$bench/console" memory memory_1k
wants memory_1m && reader 2 "$bench/console" memory memory_1m
wants memory_10m && reader 3 "$bench/console" memory memory_10m
wants idle_cpu idle_wakeups idle_bytes && ROUNDS=$idle_rounds reader 1 "$bench/console" idle
measure_producing
measure_engine
measure_delivery
measure_rendering
measure_channels
server_stop
[ -n "$wanted" ] || bash "$srcdir/bench/live.sh" "$samples"
say "done"

report
