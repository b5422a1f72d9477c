-- Deletes one; false: there is none (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: its key
SELECT nightbell.delete_event_type(nightbell.tenant_to_configure($1::text), $2::text) AS deleted
