-- A tenant's heartbeats, a row an instance, the worst first (operators, administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own)
SELECT h.heartbeat_id, h.instance, h.state, h.since, h.verdict, h.received, h.expected, h.exit_status, h.run_id, h.output, h.problem
FROM nightbell.heartbeat_list(nightbell.tenant_to_operate($1::text)) AS h
