-- Whether the database accepts the transaction's token, and whose it is.
-- Columns: known boolean, user_id uuid, reason text
SELECT coalesce(c.known, false) AS known, c.user_id, c.reason FROM nightbell.claims() AS c
