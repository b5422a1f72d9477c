-- What happened to a delivery, oldest first.
-- $1 uuid: the delivery
SELECT s.at, s.actor, s.action, s.note, s.note_time FROM nightbell.delivery_story($1::uuid) AS s
