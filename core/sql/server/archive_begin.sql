-- Records an archive before its file is written (administrators, workers).
-- $1 text: kind · $2 text: directory · columns: id bigint, file text
SELECT a.id, a.file FROM nightbell.begin_archive($1::text, $2::text) AS a
