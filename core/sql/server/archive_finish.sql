-- Records that an archive is safely on disk, in the transaction that deletes its rows.
-- $1 bigint: the archive · $2 bigint: rows · $3 bigint: bytes of the file
SELECT nightbell.finish_archive($1::bigint, $2::bigint, $3::bigint)
