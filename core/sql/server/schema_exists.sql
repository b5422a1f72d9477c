-- Whether there is a nightbell schema in this database at all.
-- Columns: present boolean
SELECT pg_catalog.to_regclass('nightbell.migrations') IS NOT NULL AS present
