-- The tenant whose rules an administrator tests.
-- $1 text: its name or UUID (NULL: one's own)
-- Columns: uuid
SELECT nightbell.tenant_to_configure($1::text)
