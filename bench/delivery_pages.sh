# delivery_pages.sh - the figures of delivery that are about who waits for whom; read by run.sh behind delivery.sh.
#
# Webhooks to 100 receivers on loopback, one that says 503 and one that never answers (receive.c). How long a delivery took is from its commit, to the
# millisecond before it, to the record of its answer, which is later than its arrival.
pages_figures='smtp_one webhooks_out page_dead page_hanging hanging_p99'
receivers=100

pages_begin() {
    local port n=0
    mkfifo "$test_dir/receivers.in"
    "$bench/receive" "$receivers" <"$test_dir/receivers.in" >"$test_dir/ports" &
    exec {receivers_in}>"$test_dir/receivers.in"
    all_listen() { [ "$(wc -l <"$test_dir/ports")" = $((receivers + 2)) ]; }
    wait_for 30 all_listen || return 1
    while read -r port; do
        n=$((n + 1))
        echo "('$delivery_tenant', '00000000-0000-4000-b000-$(printf %012d $n)', 'webhook', 'http://127.0.0.1:$port/hook', now())"
    done <"$test_dir/ports" | paste -sd, | sed 's/^/INSERT INTO nightbell.endpoints (tenant_id, user_id, channel, address, verified_at) VALUES /' >"$test_dir/endpoints.sql"
    produce_sql -o /dev/null -f "$test_dir/endpoints.sql"
    printf '[network]\nallow = 127.0.0.1\n[channel.webhook]\nkind = webhook\nkey_env = BENCH_KEY\n' >"$test_dir/webhook.conf"
    export BENCH_KEY='a key that only this measurement signs with'
}

# pages_insert COUNT PERSON SUBJECT [MS [CRITICAL]]: to the person of that number, 0: to the healthy in turn; each in a commit of its own where there is a pause
pages_insert() {
    local one="INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, urgency, priority, subject, body, created_at, next_attempt_at)
        SELECT nightbell.uuidv7(), '$delivery_tenant', ('00000000-0000-4000-b000-' || lpad((CASE $2 WHEN 0 THEN 1 + n % $receivers ELSE $2 END)::text, 12, '0'))::uuid, 'BENCH_SENT', 'webhook',
            '${5:-normal}', ('${5:-normal}' = 'critical')::int, '$3', 'There are twenty euros more in it', clock_timestamp(), clock_timestamp()"
    if [ -n "${4:-}" ]; then
        produce_sql -c "DO \$\$ BEGIN FOR n IN 1 .. $1 LOOP $one; COMMIT; PERFORM pg_sleep($4 / 1000.0); END LOOP; END \$\$"
    else
        produce_sql -c "$one FROM generate_series(1, $1) AS n"
    fi
}
are_over() { [ "$(produce_sql -c "SELECT count(*) FROM nightbell.deliveries WHERE subject = '$1' AND status IN ('queued', 'sending')")" = 0 ]; }
# pages_took SUBJECT FRACTION: milliseconds
pages_took() {
    produce_sql -c "SELECT percentile_disc($2) WITHIN GROUP (ORDER BY extract(epoch FROM d.sent_at - d.created_at) * 1000)
        FROM nightbell.deliveries d WHERE d.subject = '$1' AND d.status = 'sent'"
}
pages_clear() {
    produce_sql -o /dev/null -c "TRUNCATE nightbell.deliveries, nightbell.delivery_queue, nightbell.attempts, nightbell.decisions, nightbell.outbox, nightbell.breakers"
}
pages_worker() {
    pages_clear
    "$nightbell" --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --channels "$test_dir/webhook.conf" 2>"$test_dir/worker.log" &
    worker=$!
    wait_for 60 grep -q 'worker ready' "$test_dir/worker.log" || say "failed: $(tail -1 "$test_dir/worker.log")"
    pages_insert 200 0 warm
    wait_for 60 are_over warm
}
# What hangs would be waited for.
pages_worker_end() {
    kill -KILL "$worker"
    wait "$worker" 2>/dev/null
}

# A worker with all that belongs to it against bare libcurl, to as many receivers of the same kind.
webhooks_out() {
    pages_clear
    pages_insert "$1" 0 out
    "$nightbell" --quiet --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once --channels "$test_dir/webhook.conf" 2>"$test_dir/worker.log"
    are_over out || say "failed: $(tail -1 "$test_dir/worker.log")"
    sample webhooks_out a "$(sent_a_second 1)"
    "$bench/channels" bare >>"$samples"
}

# Mails over one connection to Postfix's smtp-sink, which takes everything.
smtp_begin() {
    smtp_port=$((20000 + ($$ + 7919) % 20000))
    [ -x /usr/sbin/smtp-sink ] || { say "smtp_one left out: apt-get install postfix" && return 1; }
    /usr/sbin/smtp-sink $([ "$(id -u)" = 0 ] && echo -u nobody) -R "$test_dir" "127.0.0.1:$smtp_port" 100 2>"$test_dir/sink.log" &
    sink=$!
    end_sink() { kill "$sink" 2>/dev/null; }
    at_exit end_sink
    sink_is_up() { (exec 3<>"/dev/tcp/127.0.0.1/$smtp_port") 2>/dev/null; }
    wait_for 30 sink_is_up || { say "failed: $(tail -1 "$test_dir/sink.log")" && return 1; }
    printf '[network]\nallow = 127.0.0.1\n[channel.email]\nkind = smtp\nurl = smtp://127.0.0.1:%s\nstarttls = no\nfrom = bench@bench.example\nin_flight = 1\n' "$smtp_port" >"$test_dir/smtp.conf"
}
smtp_one() {
    deliveries_make $([ -n "$quick" ] && echo 500 || echo 5000)
    "$nightbell" --quiet --dsn "host=$cluster_dir dbname=nightbell user=nightbell_working" worker --once --channels "$test_dir/smtp.conf" 2>"$test_dir/worker.log"
    [ "$(produce_sql -c "SELECT count(*) FROM nightbell.deliveries WHERE status <> 'sent'")" = 0 ] || say "failed: $(tail -1 "$test_dir/worker.log")"
    sample smtp_one a "$(sent_a_second 1)"
    "$bench/channels" mail "$smtp_port" >>"$samples"
}

measure_pages() {
    local round count=$([ -n "$quick" ] && echo 50 || echo 300)
    wants $pages_figures || return 0
    say "webhooks to $receivers receivers"
    if wants smtp_one && smtp_begin; then
        for round in $(seq "$ROUNDS"); do smtp_one; done
        end_sink
    fi
    wants ${pages_figures#smtp_one } || return 0
    pages_begin || { say "failed: the receivers did not start"; return; }
    for round in $(seq "$ROUNDS"); do
        if wants webhooks_out; then webhooks_out $([ -n "$quick" ] && echo 1000 || echo 8000); fi
        if wants hanging_p99 page_hanging; then
            pages_worker
            pages_insert "$count" 0 healthy 10
            wait_for 60 are_over healthy
            sample hanging_p99 b "$(pages_took healthy 0.99)"
            pages_insert 1000 $((receivers + 2)) hangs
            pages_insert "$count" 0 beside 10
            pages_insert 20 0 page 10 critical
            wait_for 60 are_over beside && wait_for 60 are_over page || say "failed: not all were sent beside one that hangs"
            sample hanging_p99 a "$(pages_took beside 0.99)"
            sample page_hanging a "$(pages_took page 1)"
            pages_worker_end
        fi
        if wants page_dead; then
            pages_worker
            pages_insert 5000 $((receivers + 1)) dead
            produce_sql -o /dev/null -c "UPDATE nightbell.delivery_queue SET lane = 2 WHERE lane = 1"
            pages_insert 20 0 page 10 critical
            wait_for 60 are_over page || say "failed: not all were sent behind a dead provider's"
            sample page_dead a "$(pages_took page 1)"
            pages_worker_end
        fi
    done
    exec {receivers_in}>&-
}
