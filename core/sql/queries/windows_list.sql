-- A tenant's windows with what they do now (operators, administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own) · $2 bigint: at most so many (NULL: all)
SELECT w.window_id, w.state, w.behaviour, w.matches, w.starts_at, w.ends_at, w.time_zone, w.local_starts, w.held, w.reason, w.created_by, w.problem
FROM nightbell.window_list(nightbell.tenant_to_operate($1::text)) AS w
LIMIT $2::bigint
