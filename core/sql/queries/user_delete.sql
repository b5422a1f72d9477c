-- Archives a person (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: a name, an e-mail address or a UUID
-- Columns: deleted boolean
SELECT nightbell.delete_user(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
