-- Takes an archive that was not finished off the record, when its file is gone.
-- $1 bigint: the archive
SELECT nightbell.forget_archive($1::bigint)
