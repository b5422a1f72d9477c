-- What notify() is to send by outside channels goes through the outbox: a draft carries them.
ALTER TYPE nightbell.draft ADD ATTRIBUTE outside text[]; -- NULL: the inbox only
