-- Records a migration. What is defined on top of the tables has to be applied again then.
-- $1 int: version, $2 text: name, $3 text: checksum
-- Columns: version int
WITH outdated AS (DELETE FROM nightbell.definitions)
INSERT INTO nightbell.migrations (version, name, checksum) VALUES ($1, $2, $3)
RETURNING version
