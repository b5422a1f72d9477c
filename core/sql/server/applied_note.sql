-- Notes which documents an apply brought.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 boolean: the kind is of a tenant; $3 text: the kind;
-- $4 text: the owner; $5 text[]: their keys; $6 boolean: the others are deleted
SELECT nightbell.note_applied($1::text, $2::boolean, $3::text, $4::text, $5::text[], $6::boolean)
