-- A tenant's heartbeats, a row an instance, the worst first (operators, administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own) · $2 bigint: at most so many (NULL: all)
SELECT h.heartbeat_id, h.instance, h.state, h.since, h.verdict, h.received, h.expected, h.exit_status, h.run_id, h.output, h.problem,
    h.description, h.schedule, h.received_at, h.expected_at, h.down_at
FROM nightbell.heartbeat_list(nightbell.tenant_to_operate($1::text)) AS h
LIMIT $2::bigint
