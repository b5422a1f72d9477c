-- Notes that the reader took an action that a notification offers; one row.
-- $1 uuid: the notification or announcement · $2 text: the action's id · taken boolean: false when it was that one already
SELECT nightbell.inbox_take_action($1::uuid, $2::text) AS taken
