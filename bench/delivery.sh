# delivery.sh - the figures of delivery that are about the queue; read by run.sh, whose server, samples, wants() and sample() it uses.
#
# What is sent goes by the kind `null`, which answers at once: every state, try and answer is recorded as always. The floor (drain.c) and
# the peers (bench/peers) have as many jobs with the same texts. Each side's jobs are made anew for each round, behind a checkpoint.
# BENCH_DELIVERIES: how many a round drains. BENCH_QUEUED: how many stand in a long queue (06-measures says 1 M).
delivery_figures='drain_1 drain_4 drain_graphile drain_pgboss drain_long drain_snapshot sending_memory page_bulk smtp_one webhooks_out page_dead page_hanging hanging_p99'
deliveries=${BENCH_DELIVERIES:-$([ -n "$quick" ] && echo 5000 || echo 50000)}
queued=${BENCH_QUEUED:-$([ -n "$quick" ] && echo 20000 || echo 1000000)}
short=$([ -n "$quick" ] && echo 2000 || echo 10000)
delivery_people=10000
delivery_tenant=00000000-0000-4000-8000-00000000be20

delivery_worker() { "$nightbell" --quiet --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --channels "$test_dir/null.conf" "$@"; }
delivery_text="jsonb_build_object('transactionId', n::text, 'amount', 20, 'currency', 'EUR')"

# deliveries_make COUNT: by the statement that the engine writes them by, a thousand due each millisecond
deliveries_make() {
    produce_sql -o /dev/null -c "TRUNCATE nightbell.deliveries, nightbell.delivery_queue, nightbell.attempts, nightbell.decisions, nightbell.outbox" -c CHECKPOINT \
        -c "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, subject, body, payload, next_attempt_at)
            SELECT nightbell.uuidv7(), '$delivery_tenant', ('00000000-0000-4000-b000-' || lpad((1 + n * 7919 % $delivery_people)::text, 12, '0'))::uuid, 'BENCH_SENT', 'email',
                'Your wallet was topped up', 'There are twenty euros more in it: number ' || n, $delivery_text, now() - interval '1 minute' + n * interval '1 microsecond'
            FROM generate_series(1, $1) AS n" -c 'ANALYZE nightbell.deliveries, nightbell.delivery_queue'
}
jobs_make() { # TABLE COLUMNS VALUES…: the same texts for a floor or peer
    produce_sql -o /dev/null -c CHECKPOINT -c "$1" -c "ANALYZE $2"
}
delivery_json="jsonb_build_object('subject', 'Your wallet was topped up', 'body', 'There are twenty euros more in it: number ' || n) || $delivery_text"

# sent_a_second WORKERS: from the first claim to where the last batches begin, by the times that stand in the record; what is in these batches is
# not counted. Starting a process is no part of it, as it is none of what the floor and the peers print.
sent_a_second() {
    produce_sql -c "WITH batches AS (SELECT a.at, count(*) AS n FROM nightbell.attempts a WHERE a.outcome = 'sent' GROUP BY a.at),
        ends AS (SELECT b.at FROM batches b ORDER BY b.at DESC OFFSET $1 - 1 LIMIT 1)
        SELECT sum(b.n) / extract(epoch FROM max(e.at) - (SELECT min(d.sending_at) FROM nightbell.deliveries d)) FROM batches b, ends e WHERE b.at < e.at"
}
drain_nightbell() { # WORKERS
    deliveries_make "$deliveries"
    delivery_worker --once --concurrency "$1" 2>"$test_dir/worker.log"
    [ "$(produce_sql -c "SELECT count(*) FROM nightbell.deliveries d JOIN nightbell.attempts a ON a.delivery_id = d.id AND a.outcome = 'sent' WHERE d.status = 'sent'")" = "$deliveries" ] ||
        say "failed: not everything was sent: $(tail -1 "$test_dir/worker.log")"
    sent_a_second "$1"
}
drain_floor() { # WORKERS
    jobs_make "TRUNCATE bench.jobs; INSERT INTO bench.jobs (due_at, payload) SELECT now() - interval '1 minute' + n * interval '1 microsecond', $delivery_json
        FROM generate_series(1, $deliveries) AS n" bench.jobs
    "$bench/drain" "$1"
}
drain_peer() { # graphile | pgboss
    case $1 in
    graphile) jobs_make "TRUNCATE graphile_worker._private_jobs; INSERT INTO graphile_worker._private_tasks (identifier) VALUES ('send') ON CONFLICT DO NOTHING;
        INSERT INTO graphile_worker._private_jobs (task_id, payload) SELECT t.id, ($delivery_json)::json
        FROM generate_series(1, $deliveries) AS n, graphile_worker._private_tasks t WHERE t.identifier = 'send'" graphile_worker._private_jobs ;;
    pgboss) jobs_make "TRUNCATE pgboss.job; INSERT INTO pgboss.job (name, data, policy) SELECT 'send', $delivery_json, 'standard' FROM generate_series(1, $deliveries) AS n" pgboss.job ;;
    esac
    (cd "$builddir/tests/peers" && DSN=$peers_dsn node "$1.mjs" "$deliveries" 2>"$test_dir/peer.log") || say "failed: $1: $(tail -1 "$test_dir/peer.log")"
}

# One worker beside graphile-worker, which is one process; four beside four fetchers of pg-boss.
measure_drain() {
    local round workers value why=''
    wants drain_1 drain_4 drain_graphile drain_pgboss || return 0
    peers_dsn="postgres://postgres@localhost/nightbell?host=$cluster_dir"
    if wants drain_graphile drain_pgboss; then
        why=$(node_packages "$srcdir/bench/peers" peers) || say "without graphile-worker and pg-boss: $(tail -1 <<<"$why")"
        [ -n "$why" ] || (cd "$builddir/tests/peers" && DSN=$peers_dsn node install.mjs) >"$test_dir/peer.log" 2>&1 || why=$(tail -1 "$test_dir/peer.log")
    fi
    for round in $(seq "$ROUNDS"); do
        if wants drain_1 drain_graphile; then
            value=$(drain_nightbell 1)
            sample drain_1 a "$value"
            sample drain_graphile a "$value"
        fi
        if wants drain_1; then sample drain_1 b "$(drain_floor 1)"; fi
        if [ -z "$why" ] && wants drain_graphile; then sample drain_graphile b "$(drain_peer graphile)"; fi
        if wants drain_4 drain_pgboss; then
            value=$(drain_nightbell 4)
            sample drain_4 a "$value"
            sample drain_pgboss a "$value"
        fi
        if wants drain_4; then sample drain_4 b "$(drain_floor 4)"; fi
        if [ -z "$why" ] && wants drain_pgboss; then sample drain_pgboss b "$(drain_peer pgboss)"; fi
    done
}

# A worker that goes on; sending_end SIDE notes what memory it had at most, in MiB.
sending_begin() {
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --channels "$test_dir/null.conf" 2>"$test_dir/worker.log" &
    worker=$!
}
sending_end() {
    sample sending_memory "$1" "$(awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$worker/status")"
    kill "$worker"
    wait "$worker"
}
are_sent() { # COUNT: looks seldom, since a look costs, too
    sleep 0.5
    [ "$(produce_sql -c 'SELECT count(*) FROM nightbell.attempts')" -ge "$1" ]
}
# Of what was tried behind the first $1 tries: how many a second, in $ROUNDS spans one after the other.
rates_behind() {
    produce_sql -c "WITH batches AS (SELECT a.at, count(*) AS n, sum(count(*)) OVER (ORDER BY a.at) AS so_far FROM nightbell.attempts a GROUP BY a.at),
        spans AS (SELECT b.*, ntile($ROUNDS) OVER (ORDER BY b.at) AS span FROM batches b WHERE b.so_far > $1)
        SELECT (sum(s.n) - max(s.n)) / extract(epoch FROM max(s.at) - min(s.at)) FROM spans s GROUP BY s.span HAVING max(s.at) > min(s.at)"
}
# Twenty critical deliveries, ten milliseconds apart, to the same channel as all that waits, for each round: the slowest of them.
pages_behind() {
    local round
    wants page_bulk || return 0
    wait_for 60 are_sent 1
    for round in $(seq "$ROUNDS"); do
        produce_sql -c "DO \$\$ BEGIN FOR n IN 1 .. 20 LOOP
            INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, urgency, priority, subject, body, created_at, next_attempt_at)
            VALUES (nightbell.uuidv7(), '$delivery_tenant', '00000000-0000-4000-b000-000000000001', 'BENCH_SENT', 'email', 'critical', 1, 'page $round', 'It burns', clock_timestamp(), clock_timestamp());
            COMMIT; PERFORM pg_sleep(0.01); END LOOP; END \$\$"
        wait_for 60 are_over "page $round" || say "failed: pages wait behind bulk"
        sample page_bulk a "$(pages_took "page $round" 1)"
    done
}
# A short queue drained again and again; then a long one, its beginning, and its middle while somebody holds a snapshot open from before.
measure_long() {
    local round held rate
    wants drain_long drain_snapshot sending_memory page_bulk || return 0
    for round in $(seq "$ROUNDS"); do
        deliveries_make "$short"
        sending_begin
        wait_for 300 are_sent "$short" || say "failed: $(tail -1 "$test_dir/worker.log")"
        sending_end b
        rate=$(sent_a_second 1)
        sample drain_long b "$rate"
        sample drain_snapshot b "$rate"
    done
    say "$queued deliveries"
    deliveries_make "$queued"
    sending_begin
    pages_behind
    wait_for 300 are_sent $((queued / 10)) || say "failed: $(tail -1 "$test_dir/worker.log")"
    sending_end a
    rates_behind $((queued / 100)) | while read -r rate; do sample drain_long a "$rate"; done
    wants drain_snapshot || return 0
    mkfifo "$test_dir/snapshot"
    produce_sql -o /dev/null <"$test_dir/snapshot" &
    exec {held}>"$test_dir/snapshot"
    echo 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM nightbell.delivery_queue;' >&"$held"
    holds_one() { [ "$(produce_sql -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xmin IS NOT NULL")" = 1 ]; }
    wait_for 60 holds_one || say "failed: no snapshot is held"
    round=$(produce_sql -c 'SELECT count(*) FROM nightbell.attempts')
    sending_begin
    wait_for 300 are_sent $((round + queued / 2)) || say "failed: $(tail -1 "$test_dir/worker.log")"
    sending_end a
    exec {held}>&-
    rates_behind $((round + queued / 4)) | while read -r rate; do sample drain_snapshot a "$rate"; done
}

measure_delivery() {
    wants $delivery_figures || return 0
    say "delivery: $deliveries a round"
    produce_sql -o /dev/null -v people="$delivery_people" -f "$srcdir/bench/delivery.sql" || return 1
    printf '[channel.email]\nkind = null\nin_flight = 1000\n' >"$test_dir/null.conf"
    measure_drain
    measure_long
    measure_pages
}
