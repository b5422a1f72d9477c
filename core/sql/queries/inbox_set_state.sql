-- Sets or clears one of the reader's own times; returns the rows that really changed, with their previous time.
-- $1 text: read, archived or deleted · $2 uuid[]: ids · $3 timestamptz[]: one time for all, or one each
SELECT c.id, c.previous FROM nightbell.inbox_set_state($1::text, $2::uuid[], $3::timestamptz[]) AS c
