-- Before a migration or the definitions: begins a transaction as the schema's owner. The search path is empty, so that
-- all names must be qualified.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL ROLE nightbell_owner;
