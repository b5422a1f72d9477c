-- The database of a private cluster. Runs in the database postgres, once.
CREATE DATABASE nightbell;
