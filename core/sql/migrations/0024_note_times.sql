-- A time in a text of the history was written in the time zone of whoever wrote it. Now it stands beside the text, and each
-- reader sees it in their own zone. Older texts stay as they are.

-- The time that the note ends with ("until"); NULL: it has none.
ALTER TABLE nightbell.event_actions ADD COLUMN note_time timestamptz;
