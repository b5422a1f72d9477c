-- What the examples work on: an application's own table, and the login that it comes as. Run it as an administrator:
--     psql -f shop.sql
-- The application's rows and what nightbell is told of them are written in one transaction, by that one login.
CREATE ROLE shop LOGIN IN ROLE nightbell_producer;
CREATE SCHEMA shop AUTHORIZATION shop;
CREATE TABLE shop.booking (
    id        text PRIMARY KEY,
    customer  uuid NOT NULL, -- a user of nightbell's
    session   text NOT NULL,
    seats     int NOT NULL CHECK (seats > 0)
);
ALTER TABLE shop.booking OWNER TO shop;
