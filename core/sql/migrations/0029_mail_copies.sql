-- Whom a mail is copied to, as its template says: addresses that were valid once rendered.
ALTER TABLE nightbell.deliveries ADD COLUMN cc text[] NOT NULL DEFAULT '{}', ADD COLUMN bcc text[] NOT NULL DEFAULT '{}';
