-- A name is not what a statement is allowed by: who needs it looks it up.
ALTER TYPE nightbell.identity DROP ATTRIBUTE user_name;

-- The actor's name as it was then, as in event_actions: a page of the inbox needs no look at the users, whose row security would
-- ask a second time who the reader is. NULL: nobody, or nobody that the tenant knows.
ALTER TABLE nightbell.notifications ADD COLUMN actor_name text;
ALTER TABLE nightbell.announcements ADD COLUMN actor_name text;
-- it changes nothing that anybody sees: no bell rings, and nothing counts as changed
ALTER TABLE nightbell.notifications DISABLE TRIGGER USER;
ALTER TABLE nightbell.announcements DISABLE TRIGGER USER;
UPDATE nightbell.notifications n SET actor_name = u.name FROM nightbell.users u WHERE u.tenant_id = n.tenant_id AND u.id = n.actor_id;
UPDATE nightbell.announcements a SET actor_name = u.name FROM nightbell.users u WHERE u.tenant_id = a.tenant_id AND u.id = a.actor_id;
ALTER TABLE nightbell.notifications ENABLE TRIGGER USER;
ALTER TABLE nightbell.announcements ENABLE TRIGGER USER;

-- What a verified token rests on, and what of that has ended, in one place: a statement then asks once, not key, user and
-- revocations each. Triggers keep it (functions/019_grounds.sql): every deleted user, every revoked token, every key as it was
-- before it changed; from here on, since no token that is remembered rests on what ended before. Whoever ends one of them and
-- whoever remembers a token at that moment need not wait for each other.
CREATE TABLE nightbell.ended_grounds (
    ground uuid PRIMARY KEY
);
DELETE FROM nightbell.verified_tokens;
ALTER TABLE nightbell.verified_tokens
    DROP COLUMN jti,
    DROP COLUMN key_version,
    DROP COLUMN is_global,
    ADD COLUMN tenant_id uuid, -- what the session may see; NULL: a global operator
    ADD COLUMN reader_tenant_id uuid, -- where it reads its inbox; NULL: it only produces, or its roles are not in the token
    ADD COLUMN grounds uuid[] NOT NULL;
