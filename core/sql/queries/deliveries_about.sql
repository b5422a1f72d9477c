-- What left by outside channels because of a notification or an event, in the form of a history.
-- $1 text: notification or event; $2 text: its id
SELECT s.at, s.actor, s.action, s.note, s.note_time FROM nightbell.deliveries_about($1::text, $2::text) AS s
