-- The end of a migration that failed.
ROLLBACK;
