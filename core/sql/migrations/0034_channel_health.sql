-- When a channel last sent something, and what last went wrong, for who looks at the list of channels: the tries themselves are by delivery
-- and many. Written at most every ten seconds a channel.
ALTER TABLE nightbell.channels
    ADD COLUMN sent_at   timestamptz,
    ADD COLUMN failed_at timestamptz,
    ADD COLUMN error     text CHECK (octet_length(error) <= 4000);
