-- The migrations that have been applied, and the definitions.
-- Columns: version int, name text, checksum text, definitions text (the same in each row; NULL: to be applied)
SELECT m.version, m.name, m.checksum, (SELECT d.checksum FROM nightbell.definitions AS d) AS definitions
FROM nightbell.migrations AS m
ORDER BY m.version
