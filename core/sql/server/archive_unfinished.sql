-- Archives that were begun and not finished: their rows are still in the database.
-- columns: id bigint, directory text, file text
SELECT u.id, u.directory, u.file FROM nightbell.unfinished_archives() AS u
