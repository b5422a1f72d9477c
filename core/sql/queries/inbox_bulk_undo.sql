-- One chunk of the undo of an act on many rows: clears the time where it still is the one that the act set, newest
-- first.
-- $1 text: read, archived or deleted · $2 timestamptz: the time that was set · $3 uuid: below this key · $4 bigint: how many
-- Columns: last_id (NULL: nothing was left), found, changed
WITH chunk AS MATERIALIZED (
    (SELECT i.id FROM nightbell.notifications_with_deleted AS i
      WHERE i.id < $3::uuid
        AND $2::timestamptz = CASE $1::text WHEN 'read' THEN i.read_at WHEN 'archived' THEN i.archived_at ELSE i.deleted_at END
      ORDER BY i.id DESC LIMIT $4::bigint)
    UNION ALL
    (SELECT i.id FROM nightbell.announcements_with_deleted AS i
      WHERE i.id < $3::uuid
        AND $2::timestamptz = CASE $1::text WHEN 'read' THEN i.read_at WHEN 'archived' THEN i.archived_at ELSE i.deleted_at END
      ORDER BY i.id DESC LIMIT $4::bigint)
    ORDER BY id DESC LIMIT $4::bigint
), ids AS MATERIALIZED (
    SELECT array_agg(c.id ORDER BY c.id) AS ids, count(*) AS found FROM chunk AS c
)
SELECT ids.ids[1] AS last_id, ids.found,
       (SELECT count(*) FROM nightbell.inbox_set_state($1::text, ids.ids, ARRAY[NULL::timestamptz])) AS changed
FROM ids
