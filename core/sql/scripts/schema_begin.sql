-- Before a migration or the definitions: a transaction as the schema's owner. No path, so that all names are qualified.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL ROLE nightbell_owner;
