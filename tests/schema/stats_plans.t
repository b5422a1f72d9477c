#!/bin/bash
# What the statistics cost does not grow with the tables: not with a million events, not with a million deliveries that wait, nor with
# what was counted. Pages are counted that a call reads, not time.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$srcdir/tests/lib/cluster.sh"
cluster_start
rows=1000000 standing=150000

# load EVENTS: so many of the last 30 days, of which a thousand are open, and as many deliveries are due; what happened is added up as the duty does it
load() {
    "$pg_bin/psql" -Xq -o /dev/null -v ON_ERROR_STOP=1 <<END
SET client_min_messages = warning;
SET synchronous_commit = off;
SET session_replication_role = replica;
TRUNCATE nightbell.admin_system_events CASCADE;
TRUNCATE nightbell.delivery_queue, nightbell.tallies, nightbell.tally_sums;
INSERT INTO nightbell.admin_system_events (tenant_id, event_type, severity, description, created_at, is_resolved, resolved_at)
SELECT '$ACME', 'stats_test', (ARRAY['low', 'medium', 'high', 'critical'])[1 + n % 4], 'd', now() - n * interval '30 days' / $1, n > 1000, CASE WHEN n > 1000 THEN now() END
FROM generate_series(1, $1) AS n;
INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at)
SELECT '$ACME', '$ADA', gen_random_uuid(), 'email', 'email', 1, now() - n * interval '1 second' FROM generate_series(1, 1000) AS n;
INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms)
SELECT '$ACME', now() - h * interval '1 hour', m.measure, m.label, b, $1 / 720 / 12 + 1, 100 FROM generate_series(0, 720) AS h
CROSS JOIN (VALUES ('raised', 'low'), ('raised', 'high'), ('sent', 'email'), ('sent', 'sms'), ('failed', 'email'), ('resolved', '')) AS m (measure, label) CROSS JOIN generate_series(30, 31) AS b;
SELECT nightbell.tally_up(1000000);
END
    psql_do 'VACUUM ANALYZE nightbell.admin_system_events, nightbell.delivery_queue, nightbell.tallies, nightbell.tally_sums'
}
# stand N: so many are open and wait
stand() {
    "$pg_bin/psql" -Xq -o /dev/null -v ON_ERROR_STOP=1 <<END
SET client_min_messages = warning;
SET synchronous_commit = off;
SET session_replication_role = replica;
UPDATE nightbell.admin_system_events SET is_resolved = false, resolved_at = NULL WHERE id IN (SELECT id FROM nightbell.admin_system_events WHERE is_resolved ORDER BY id LIMIT $1 - 1000);
INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at)
SELECT '$ACME', '$ADA', gen_random_uuid(), 'email', 'email', 1, now() - n * interval '1 second' FROM generate_series(1001, $1) AS n;
END
    psql_do 'VACUUM ANALYZE nightbell.admin_system_events, nightbell.delivery_queue'
}
# pages PERSON CALL: what the call reads once its plans are cached, the least of three
pages() {
    local statement="EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM $2"
    PGUSER=nightbell_console PGOPTIONS="-c nightbell.token=$(make_token "$1")" "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$statement" -c "$statement" -c "$statement" |
        awk '/^[^ ]/ { fresh = !/^Planning/ } fresh && /Buffers/ { fresh = 0; n = 0; while (match($0, /(hit|read)=[0-9]+/)) {
                 split(substr($0, RSTART, RLENGTH), part, "="); n += part[2]; $0 = substr($0, RSTART + RLENGTH) }
             if (least == "" || n < least) least = n } END { print least + 0 }'
}
calls=("nightbell.stats('24h')" "nightbell.stats('30d')" "nightbell.stats_metrics()")
declare -A small

load 20000
for who in bob olga; do for call in "${calls[@]}"; do small[$who$call]=$(pages $who "$call"); done; done
load "$rows"
for who in bob olga; do
    for call in "${calls[@]}"; do
        n=$(pages $who "$call")
        diag "$who $call: ${small[$who$call]} pages, $n with $rows events"
        ok "$who: $call reads as much of $rows events as of 20,000" [ "$n" -gt 0 -a "$n" -le $((small[$who$call] * 3 / 2 + 50)) ]
    done
done

# As much as is counted is counted, and no more.
stand $standing
declare -A full
for who in bob olga; do for call in "${calls[@]}"; do full[$who$call]=$(pages $who "$call"); done; done
psql_do "UPDATE nightbell.tally_progress SET looked_at = clock_timestamp()"
figures=$(PGUSER=nightbell_console PGOPTIONS="-c nightbell.token=$(make_token bob)" "$pg_bin/psql" -XqAt -c "SELECT nightbell.stats()")
is "$(jq -r '[.events.open_is_more, .queue.is_more, .queue.waiting] | join(" ")' <<<"$figures")" 'true true 100001' 'with more than is counted that is said'
is "$(jq -r '.queue.oldest_seconds > 900' <<<"$figures")" true 'and of the queue the oldest is among those that are counted'
figures=$(PGUSER=nightbell_console PGOPTIONS="-c nightbell.token=$(make_token olga)" "$pg_bin/psql" -XqAt -c "SELECT nightbell.stats()")
is "$(jq -r ".queue.oldest_seconds > $((standing - 10))" <<<"$figures")" true 'of all tenants it is the oldest of all'
for who in bob olga; do
    for call in "${calls[@]}"; do
        n=${full[$who$call]}
        diag "$who $call: $n pages with $standing open and as many that wait"
        # 100,000 entries of an index, and 100,000 rows of the queue
        ok "$who: $call stops counting" [ "$n" -gt 0 -a "$n" -le 20000 ]
    done
done
done_testing
