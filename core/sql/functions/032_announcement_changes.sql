-- What changed of announcements since a look.

-- Whether any announcement or receipt, whoever's, was changed by this transaction or a later one: most looks find that none
-- was, and need not ask who the reader is to know it. Runs as the owner.
CREATE OR REPLACE FUNCTION nightbell.any_announcement_changed(lowest xid8) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    RETURN coalesce((SELECT a.changed_xid FROM nightbell.announcements a ORDER BY a.changed_xid DESC LIMIT 1) >= lowest, false)
        OR coalesce((SELECT r.changed_xid FROM nightbell.receipts r ORDER BY r.changed_xid DESC LIMIT 1) >= lowest, false);
END
$$;

-- The announcements that changed for the reader since a look: the announcement itself, or the reader's receipt of it,
-- whichever was first, since either transaction may have committed late. The parameters are those of
-- queries/inbox_changes.sql.
-- OFFSET 0: each is looked up by its id; else the planner may read all announcements to join them.
CREATE OR REPLACE FUNCTION nightbell.announcement_changes(look pg_snapshot, until pg_snapshot, after uuid, lost_since timestamptz,
    lowest xid8, highest xid8)
RETURNS SETOF nightbell.announcements_with_deleted LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    IF NOT nightbell.any_announcement_changed(lowest) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT w.*
    FROM (
        SELECT a.id FROM nightbell.announcements a
        WHERE a.changed_xid >= '3'::xid8 AND a.changed_xid >= lowest AND a.changed_xid <= highest
            AND (NOT pg_visible_in_snapshot(a.changed_xid, look) OR a.updated_at > lost_since)
            AND (until IS NULL OR pg_visible_in_snapshot(a.changed_xid, until)) AND a.id > after
        UNION
        SELECT r.notification_id FROM nightbell.receipts r
        WHERE r.changed_xid >= '3'::xid8 AND r.changed_xid >= lowest AND r.changed_xid <= highest
            AND (NOT pg_visible_in_snapshot(r.changed_xid, look) OR r.updated_at > lost_since)
            AND (until IS NULL OR pg_visible_in_snapshot(r.changed_xid, until)) AND r.notification_id > after
    ) AS changed
    CROSS JOIN LATERAL (SELECT * FROM nightbell.announcements_with_deleted AS v WHERE v.id = changed.id OFFSET 0) AS w;
END
$$;
