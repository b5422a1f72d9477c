-- One chunk of an act on all rows that match and were visible at a look, newest first.
-- $1 text: read, archived or deleted · $2 timestamptz: the time to set · $3 pg_snapshot: the look
-- $4 uuid: below this key · $5 bigint: how many
-- Columns: last_id (NULL: nothing was left), found, changed
WITH chunk AS MATERIALIZED (
    (SELECT i.id FROM nightbell.inbox_notifications AS i
      WHERE i.id < $4::uuid
        AND pg_visible_in_snapshot(i.created_xid, $3::text::pg_snapshot) /*filter*/
      ORDER BY i.id DESC LIMIT $5::bigint)
    UNION ALL
    (SELECT i.id FROM nightbell.inbox_announcements AS i
      WHERE i.id < $4::uuid
        AND pg_visible_in_snapshot(i.created_xid, $3::text::pg_snapshot) /*filter*/
      ORDER BY i.id DESC LIMIT $5::bigint)
    ORDER BY id DESC LIMIT $5::bigint
), ids AS MATERIALIZED (
    SELECT array_agg(c.id ORDER BY c.id) AS ids, count(*) AS found FROM chunk AS c
)
SELECT ids.ids[1] AS last_id, ids.found,
       (SELECT count(*) FROM nightbell.inbox_set_state($1::text, ids.ids, ARRAY[$2::timestamptz])) AS changed
FROM ids
