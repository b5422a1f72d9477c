-- Whether this database has ever been archived (administrators).
-- columns: ever boolean
SELECT EXISTS (SELECT FROM nightbell.archives) AS ever
