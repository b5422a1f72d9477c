-- Deletes a notification type (administrators).
-- $1 text: the type
-- Columns: deleted boolean
SELECT nightbell.delete_type($1::text) AS deleted
