-- The keys of the documents that earlier applies of an owner's files brought.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 boolean: the kind is of a tenant; $3 text: the kind; $4 text: the owner
-- Columns: key text
SELECT k AS key
FROM nightbell.applied_keys($1::text, $2::boolean, $3::text, $4::text) AS k
