-- Secrets that signed unsubscribe links before the one that does now: mails are old when somebody wants no more of them.
ALTER TABLE nightbell.installation ADD COLUMN former_unsubscribe_secrets bytea[] NOT NULL DEFAULT '{}';
