-- Deletes the record of an unfinished archive, when its file has been removed.
-- $1 bigint: the archive
SELECT nightbell.forget_archive($1::bigint)
