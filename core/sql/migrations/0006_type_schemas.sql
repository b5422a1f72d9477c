-- What the guard makes of a type's data_schema, so that fitting data is let through at a glance: see functions/056_type_schemas.sql.
ALTER TABLE nightbell.notification_types
    ADD COLUMN data_accepts jsonpath,                     -- true of data: it fits. NULL or not true: data_problem() knows
    ADD COLUMN data_accepts_size int NOT NULL DEFAULT 0,  -- of data with at most so many bytes as text
    ADD CHECK (char_length(module) BETWEEN 1 AND 100) NOT VALID,
    ADD CHECK (char_length(description) BETWEEN 1 AND 1000) NOT VALID;
