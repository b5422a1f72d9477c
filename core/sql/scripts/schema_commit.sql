-- The end of a successful migration.
COMMIT;
