-- Whose files brought a document: several repositories may configure one tenant, and --prune of one deletes nothing of another.
-- '': of files that name no owner, as all were until here.
ALTER TABLE nightbell.applied ADD COLUMN owner text NOT NULL DEFAULT '' CHECK (char_length(owner) <= 100);
