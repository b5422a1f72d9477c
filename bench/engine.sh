# engine.sh - the figures of the notify engine; read by run.sh, whose server, samples, wants() and turns of produce.sh it uses.
# BENCH_AUDIENCE: how many recipients one app event has (06-measures says 100,000). BENCH_BACKLOG: rows of the outbox for the
# worker's memory (1 M).
engine_figures='publish_p50 publish_p99 publish_busy_p50 publish_busy_p99 match_rules audience digests worker_memory'
audience=${BENCH_AUDIENCE:-$([ -n "$quick" ] && echo 5000 || echo 100000)}
backlog=${BENCH_BACKLOG:-$([ -n "$quick" ] && echo 20000 || echo 1000000)}
engine_tenant=00000000-0000-4000-8000-00000000be10

engine_worker() { "$nightbell" --quiet --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker "$@"; }
engine_worker_begin() {
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker 2>"$test_dir/worker.log" &
    worker=$!
}
engine_worker_end() {
    kill "$worker"
    wait "$worker"
}

# engine_latency COUNT [RATE]: a worker is running; see engine.c. The producer is its login, as in the figures of producing.
engine_latency() {
    engine_worker_begin
    BENCH_TENANT=$ACME BENCH_TOKEN=$(make_token ada) NIGHTBELL_DSN=$cluster_dsn BENCH_PRODUCER_DSN=$cluster_producer_dsn \
        "$bench/engine" "$1" "$ROUNDS" ${2:+"$2"} >>"$samples" || say "failed: $(tail -1 "$test_dir/worker.log")"
    engine_worker_end
}

# Publishes so many app events for a rule that means one person, and prints how many of them a worker processes a second.
engine_capacity() {
    produce_sql -o /dev/null -c "INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, critical, next_attempt_at)
        SELECT '$ACME', 'bench_load', 'bench', jsonb_build_object('number', n), now(), false, now() FROM generate_series(1, $1) AS n" -c 'ANALYZE nightbell.outbox'
    local begin=$(date +%s%N)
    engine_worker --once
    echo "$1 $begin $(date +%s%N)" | awk '{ print $1 * 1e9 / ($3 - $2) }'
}

# What matching costs one app event, in milliseconds: 10,000 rules and 10.
engine_match() {
    local round side tenant
    for round in $(seq "$ROUNDS"); do
        for side in a:12 b:11; do
            tenant=00000000-0000-4000-8000-00000000be${side#*:}
            echo "SELECT (m.rule).rule_id, m.code FROM nightbell.match_rules('$tenant', 'bench_matched', 'bench', '{\"amount\": 150}') AS m;" >"$test_dir/match.pgb"
            sample match_rules "${side%:*}" "$("$pg_bin/pgbench" -n -M prepared -c 1 -T "$seconds" -f "$test_dir/match.pgb" "$BENCH_ADMIN_DSN" 2>/dev/null |
                awk '/^latency average/ { print $4 }')"
        done
    done
}

# One app event to everybody of a tenant, rows a second; the floor inserts the same rows into tables with the same indexes.
engine_audience() {
    local round
    for round in $(seq "$ROUNDS"); do
        produce_sql -o /dev/null -c 'TRUNCATE bench.told, bench.decided, nightbell.notifications, nightbell.decisions, nightbell.outbox' \
            -c "SELECT nightbell.publish('$engine_tenant', 'bench_everybody', 'bench', '{\"title\": \"To everybody\", \"message\": \"Round $round: the doors open at eight.\"}')"
        timed audience a "$audience" engine_worker --once
        timed audience b "$audience" produce_sql -c "BEGIN; INSERT INTO bench.told (id, tenant_id, user_id, type, title, message, data, channel, urgency)
            SELECT nightbell.uuidv7(), u.tenant_id, u.id, 'BENCH_TOLD', 'To everybody', 'Round $round: the doors open at eight.',
                '{\"title\": \"To everybody\", \"message\": \"Round $round: the doors open at eight.\"}', 'in_app', 'normal'
            FROM nightbell.users u WHERE u.tenant_id = '$engine_tenant';
            INSERT INTO bench.decided (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code)
            SELECT t.tenant_id, now(), 'notification', t.id::text, 1, t.user_id, 'in_app', 'all', 'in_app' FROM bench.told t; COMMIT"
        [ "$(produce_sql -c 'SELECT count(*) FROM nightbell.notifications')" = "$audience" ] || say "failed: the audience did not hear"
    done
}

# The digest of a whole tenant: two deliveries wait for each person; four workers make one digest for each. Seconds.
engine_digests() {
    local round workers begin
    for round in $(seq "$ROUNDS"); do
        produce_sql -o /dev/null -c 'TRUNCATE nightbell.deliveries, nightbell.decisions, nightbell.outbox, nightbell.digest_slots' \
            -c "INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, subject, body, status, held_for, held_slot)
                SELECT nightbell.uuidv7(), u.tenant_id, u.id, 'BENCH_TOLD', 'email', 'Told', 'Told again', 'held', 'held_for_digest', date_trunc('hour', now())
                FROM nightbell.users u, generate_series(1, 2) WHERE u.tenant_id = '$engine_tenant'" -c 'VACUUM ANALYZE nightbell.deliveries'
        begin=$(date +%s%N)
        engine_worker --once --concurrency 4
        sample digests a "$(echo "$begin $(date +%s%N)" | awk '{ print ($2 - $1) / 1e9 }')"
        [ "$(produce_sql -c "SELECT concat(count(*), ' ', count(DISTINCT user_id)) FROM nightbell.deliveries WHERE status = 'queued'")" = "$audience $audience" ] ||
            say "failed: not everybody has one digest"
    done
}

# The worker's largest resident memory in MiB, having worked on some of many app events, by that with few.
engine_memory() {
    local side rows worker
    for side in a:$backlog b:1000; do
        rows=${side#*:}
        produce_sql -o /dev/null -c 'TRUNCATE nightbell.outbox, nightbell.notifications, nightbell.decisions' \
            -c "INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, critical, next_attempt_at)
                SELECT '$ACME', 'bench_publish', 'bench', jsonb_build_object('number', n), now(), false, now() FROM generate_series(1, $rows) AS n" \
            -c 'VACUUM ANALYZE nightbell.outbox'
        engine_worker_begin
        some_done() { [ "$(produce_sql -c 'SELECT count(*) >= 1000 FROM nightbell.outbox WHERE processed_at IS NOT NULL')" = t ]; }
        wait_for 300 some_done || say "failed: $(tail -1 "$test_dir/worker.log")"
        sample worker_memory "${side%:*}" "$(awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$worker/status")"
        engine_worker_end
    done
}

measure_engine() {
    wants $engine_figures || return 0
    say "the engine: $audience recipients"
    produce_sql -o /dev/null -v users="$audience" -v acme="$ACME" -f "$srcdir/bench/engine.sql" || return 1
    if wants publish_p50 publish_p99; then engine_latency $([ -n "$quick" ] && echo 30 || echo 300); fi
    if wants publish_busy_p50 publish_busy_p99; then
        capacity=$(engine_capacity $([ -n "$quick" ] && echo 1000 || echo 10000))
        say "a worker does ${capacity%.*} app events a second; 80 % of that"
        engine_latency $([ -n "$quick" ] && echo 30 || echo 100) "$(echo "$capacity" | awk '{ print 0.8 * $1 }')"
    fi
    if wants match_rules; then engine_match; fi
    if wants audience; then engine_audience; fi
    if wants digests; then engine_digests; fi
    if wants worker_memory; then engine_memory; fi
}
