-- Whether a private cluster has its database already. Runs in the database postgres.
-- columns: has_database boolean
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'nightbell') AS has_database
