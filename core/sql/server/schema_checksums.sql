-- The SHA-256 of each text, in order.
-- $1 text[]: the texts
-- Columns: checksum text
SELECT encode(sha256(convert_to(t.content, 'UTF8')), 'hex') AS checksum
FROM unnest($1::text[]) WITH ORDINALITY AS t (content, ordinal)
ORDER BY t.ordinal
