-- The counts that go with a page: all that is unread, exactly, and what matches, up to 10,001.
-- Columns: unread bigint, matching bigint
SELECT (SELECT count(*) FROM nightbell.inbox AS u WHERE u.read_at IS NULL AND u.archived_at IS NULL) AS unread,
       (SELECT count(*) FROM (SELECT FROM nightbell.inbox AS i WHERE true /*filter*/ LIMIT 10001) AS c) AS matching
