-- Records a migration. Afterwards the definitions have to be applied again, so their record is deleted.
-- $1 int: version, $2 text: name, $3 text: checksum
-- Columns: version int
WITH outdated AS (DELETE FROM nightbell.definitions)
INSERT INTO nightbell.migrations (version, name, checksum) VALUES ($1, $2, $3)
RETURNING version
