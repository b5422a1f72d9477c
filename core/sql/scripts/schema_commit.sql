-- The end of a migration that went well.
COMMIT;
