-- Records that the reader took an action of a notification; one row.
-- $1 uuid: the notification or announcement · $2 text: the action's id
-- Columns: taken boolean (false: it was that one already)
SELECT nightbell.inbox_take_action($1::uuid, $2::text) AS taken
