-- Sets or clears one of the reader's own times; the rows that really changed, with what they had before.
-- $1 text: read, archived or deleted · $2 uuid[]: ids · $3 timestamptz[]: one time for all, or one each
SELECT c.id, c.previous FROM nightbell.inbox_set_state($1::text, $2::uuid[], $3::timestamptz[]) AS c
