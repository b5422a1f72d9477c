-- The views that clients read. All run with the reader's rights, so row security selects the rows, except for the two
-- through which a global operator reads other tenants' events: they run as the owner, and check the role before any row
-- is read.
-- A page query reads each branch separately (inbox_notifications, inbox_announcements; events_of_tenant,
-- events_of_all_tenants), each with its own LIMIT, and merges them. The views over both branches are for counting: an
-- ORDER BY over them sorts everything, since inside a UNION ALL the planner does not use that tenant and user are
-- fixed.

DROP FUNCTION IF EXISTS nightbell.announcement_changes(pg_snapshot, pg_snapshot, uuid, timestamptz, xid8, xid8); -- returns rows of a view
DROP VIEW IF EXISTS nightbell.inbox;
DROP VIEW IF EXISTS nightbell.inbox_notifications;
DROP VIEW IF EXISTS nightbell.inbox_announcements;
DROP VIEW IF EXISTS nightbell.inbox_with_deleted;
DROP VIEW IF EXISTS nightbell.notifications_with_deleted;
DROP VIEW IF EXISTS nightbell.announcements_with_deleted;
DROP VIEW IF EXISTS nightbell.events;
DROP VIEW IF EXISTS nightbell.events_of_tenant;
DROP VIEW IF EXISTS nightbell.events_of_all_tenants;
DROP VIEW IF EXISTS nightbell.event_history;
DROP VIEW IF EXISTS nightbell.event_history_of_all_tenants;

-- The reader's own rows including deleted and expired ones, for "what changed" and for undoing a delete. There is one
-- view per table because PostgreSQL keeps the partitions' index order through a plain view, but sorts everything above
-- a UNION ALL.
CREATE VIEW nightbell.notifications_with_deleted WITH (security_invoker = true) AS
SELECT n.id, n.tenant_id, n.actor_id, false AS is_announcement, n.type, n.title, n.message, n.data, n.link, n.actions,
    n.action_taken, n.channel::text AS channel, n.urgency::text AS urgency, n.dedup_key, n.is_read,
    CASE WHEN n.archived_at IS NOT NULL THEN 'archived' WHEN n.read_at IS NOT NULL THEN 'read' ELSE 'unread' END AS status,
    n.created_at, n.updated_at, n.read_at, n.archived_at, n.expires_at, n.created_xid, n.changed_xid,
    n.actor_name, n.silent, n.deleted_at
FROM nightbell.notifications n;

CREATE VIEW nightbell.announcements_with_deleted WITH (security_invoker = true) AS
SELECT a.id, a.tenant_id, a.actor_id, true AS is_announcement, a.type, a.title, a.message, a.data, a.link, a.actions,
    r.action_taken, a.channel::text AS channel, a.urgency::text AS urgency, a.dedup_key, r.read_at IS NOT NULL AS is_read,
    CASE WHEN r.archived_at IS NOT NULL THEN 'archived' WHEN r.read_at IS NOT NULL THEN 'read' ELSE 'unread' END AS status,
    a.created_at, greatest(a.updated_at, r.updated_at) AS updated_at, r.read_at, r.archived_at, a.expires_at,
    a.created_xid, greatest(a.changed_xid, r.changed_xid) AS changed_xid,
    a.actor_name, false AS silent, coalesce(a.deleted_at, r.deleted_at) AS deleted_at
FROM nightbell.announcements a
LEFT JOIN nightbell.receipts r ON r.tenant_id = a.tenant_id AND r.notification_id = a.id;

CREATE VIEW nightbell.inbox_with_deleted WITH (security_invoker = true) AS
SELECT * FROM nightbell.notifications_with_deleted
UNION ALL
SELECT * FROM nightbell.announcements_with_deleted;

-- The two branches that pages are read from, and the view over both.
CREATE VIEW nightbell.inbox_notifications WITH (security_invoker = true) AS
SELECT id, tenant_id, actor_id, is_announcement, type, title, message, data, link, actions, action_taken, channel, urgency,
    dedup_key, is_read, status, created_at, updated_at, read_at, archived_at, expires_at, created_xid, changed_xid, actor_name,
    silent
FROM nightbell.notifications_with_deleted
WHERE deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now());

CREATE VIEW nightbell.inbox_announcements WITH (security_invoker = true) AS
SELECT id, tenant_id, actor_id, is_announcement, type, title, message, data, link, actions, action_taken, channel, urgency,
    dedup_key, is_read, status, created_at, updated_at, read_at, archived_at, expires_at, created_xid, changed_xid, actor_name,
    silent
FROM nightbell.announcements_with_deleted
WHERE deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now());

CREATE VIEW nightbell.inbox WITH (security_invoker = true) AS
SELECT id, tenant_id, actor_id, is_announcement, type, title, message, data, link, actions, action_taken, channel, urgency,
    dedup_key, is_read, status, created_at, updated_at, read_at, archived_at, expires_at, created_xid, changed_xid, actor_name,
    silent
FROM nightbell.inbox_with_deleted
WHERE deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- System events. The second view returns rows only to a global operator, the first only to others, so no row comes
-- twice and each keeps its own ordered index scan. People who are not of the event's tenant are global operators: a
-- tenant's operator sees their names only in the history.
CREATE VIEW nightbell.events_of_tenant WITH (security_invoker = true) AS
SELECT e.id, e.created_at, e.event_type, e.severity::text AS severity, e.description, e.details, e.tenant_id, e.user_id,
    e.is_resolved, e.resolved_at, e.resolved_by, e.fingerprint, e.occurrences, e.last_seen_at, e.source,
    e.acknowledged_at, e.acknowledged_by, e.assigned_to, e.snoozed_until, e.resolution, e.version,
    e.severity_rank, e.created_xid, e.changed_xid, e.episode_at, e.settled_by, e.ack_expires_at, e.noticed_at,
    CASE WHEN NOT e.is_resolved THEN e.auto_resolve_at END AS auto_resolve_at,
    NOT e.is_resolved AND e.stale_at <= now() IS TRUE AS is_stale,
    e.flapping_until > now() IS TRUE AS is_flapping,
    CASE WHEN NOT e.is_resolved THEN (
        SELECT w.window_id FROM nightbell.window_spans s
        JOIN nightbell.windows w ON w.tenant_id = s.tenant_id AND w.window_id = s.window_id
        WHERE s.tenant_id = e.tenant_id AND s.ends_at > now() AND s.starts_at <= now()
            AND nightbell.window_matches(w, e.event_type, e.source, e.severity::text, e.details)
        ORDER BY w.behaviour <> 'escalation' DESC, s.ends_at DESC LIMIT 1) END AS held_by,
    (SELECT t.name FROM nightbell.tenants t WHERE t.id = e.tenant_id) AS tenant_name,
    (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = e.tenant_id AND u.id = e.user_id) AS user_name,
    coalesce((SELECT u.name FROM nightbell.users u WHERE u.tenant_id = e.tenant_id AND u.id = e.resolved_by),
             (SELECT a.actor_name FROM nightbell.event_actions a WHERE a.event_id = e.id AND a.actor = e.resolved_by LIMIT 1),
             CASE WHEN e.settled_by = 'source' THEN e.source END) AS resolved_by_name,
    coalesce((SELECT u.name FROM nightbell.users u WHERE u.tenant_id = e.tenant_id AND u.id = e.acknowledged_by),
             (SELECT a.actor_name FROM nightbell.event_actions a WHERE a.event_id = e.id AND a.actor = e.acknowledged_by LIMIT 1)) AS acknowledged_by_name,
    coalesce((SELECT u.name FROM nightbell.users u WHERE u.tenant_id = e.tenant_id AND u.id = e.assigned_to),
             (SELECT a.actor_name FROM nightbell.event_actions a WHERE a.event_id = e.id AND a.actor = e.assigned_to LIMIT 1)) AS assigned_to_name,
    false AS across_tenants
FROM nightbell.admin_system_events e;

-- A security barrier: under an outer join PostgreSQL 16 and later evaluate the condition after the join. Without the
-- barrier rows would be read, counted by EXPLAIN ANALYZE and passed to the caller's functions first.
CREATE VIEW nightbell.events_of_all_tenants WITH (security_barrier = true) AS
SELECT e.id, e.created_at, e.event_type, e.severity::text AS severity, e.description, e.details, e.tenant_id, e.user_id,
    e.is_resolved, e.resolved_at, e.resolved_by, e.fingerprint, e.occurrences, e.last_seen_at, e.source,
    e.acknowledged_at, e.acknowledged_by, e.assigned_to, e.snoozed_until, e.resolution, e.version,
    e.severity_rank, e.created_xid, e.changed_xid, e.episode_at, e.settled_by, e.ack_expires_at, e.noticed_at,
    CASE WHEN NOT e.is_resolved THEN e.auto_resolve_at END AS auto_resolve_at,
    NOT e.is_resolved AND e.stale_at <= now() IS TRUE AS is_stale,
    e.flapping_until > now() IS TRUE AS is_flapping,
    CASE WHEN NOT e.is_resolved THEN (
        SELECT w.window_id FROM nightbell.window_spans s
        JOIN nightbell.windows w ON w.tenant_id = s.tenant_id AND w.window_id = s.window_id
        WHERE s.tenant_id = e.tenant_id AND s.ends_at > now() AND s.starts_at <= now()
            AND nightbell.window_matches(w, e.event_type, e.source, e.severity::text, e.details)
        ORDER BY w.behaviour <> 'escalation' DESC, s.ends_at DESC LIMIT 1) END AS held_by,
    (SELECT t.name FROM nightbell.tenants t WHERE t.id = e.tenant_id) AS tenant_name,
    (SELECT u.name FROM nightbell.users u WHERE u.id = e.user_id ORDER BY u.tenant_id = e.tenant_id DESC LIMIT 1) AS user_name,
    coalesce((SELECT u.name FROM nightbell.users u WHERE u.id = e.resolved_by ORDER BY u.tenant_id = e.tenant_id DESC LIMIT 1),
             CASE WHEN e.settled_by = 'source' THEN e.source END) AS resolved_by_name,
    (SELECT u.name FROM nightbell.users u WHERE u.id = e.acknowledged_by ORDER BY u.tenant_id = e.tenant_id DESC LIMIT 1) AS acknowledged_by_name,
    (SELECT u.name FROM nightbell.users u WHERE u.id = e.assigned_to ORDER BY u.tenant_id = e.tenant_id DESC LIMIT 1) AS assigned_to_name,
    true AS across_tenants
FROM nightbell.admin_system_events e
WHERE (SELECT nightbell.operates_globally());

-- The same, sorted: what the barrier keeps out is also the order that a page asks for, so without these a page would sort
-- all events. events_of_all_tenants_ORDER_older and …_newer, for each order of the filter language (filters/events.sql).
DO $do$
DECLARE
    name text;
    rank text;
    direction text;
BEGIN
    FOR name, rank IN VALUES ('new', NULL), ('seen', 'e.last_seen_at'), ('severity', 'e.severity_rank') LOOP
        FOREACH direction IN ARRAY '{older,newer}'::text[] LOOP
            EXECUTE format('DROP VIEW IF EXISTS nightbell.%I', format('events_of_all_tenants_%s_%s', name, direction));
            EXECUTE format('CREATE VIEW nightbell.%I WITH (security_barrier = true) AS %s ORDER BY %s',
                format('events_of_all_tenants_%s_%s', name, direction),
                rtrim(pg_get_viewdef('nightbell.events_of_all_tenants'::regclass), ';'),
                replace(concat_ws(', ', rank || ' DESC', 'e.id DESC'), 'DESC', CASE direction WHEN 'older' THEN 'DESC' ELSE '' END));
        END LOOP;
    END LOOP;
END
$do$;

CREATE VIEW nightbell.events WITH (security_invoker = true) AS
SELECT * FROM nightbell.events_of_tenant
UNION ALL
SELECT * FROM nightbell.events_of_all_tenants;

CREATE VIEW nightbell.event_history_of_all_tenants WITH (security_barrier = true) AS
SELECT id, event_id, tenant_id, at, actor, actor_name, action, note, note_time FROM nightbell.event_actions
WHERE (SELECT nightbell.operates_globally());

CREATE VIEW nightbell.event_history WITH (security_invoker = true) AS
SELECT id, event_id, tenant_id, at, actor, actor_name, action, note, note_time FROM nightbell.event_actions
UNION ALL
SELECT * FROM nightbell.event_history_of_all_tenants;
