-- heartbeat_switch
-- Pauses a heartbeat, or lets it go on; false: there is none (administrators).
-- $1 text: the tenant's name or UUID (NULL: one's own) · $2 text: its key · $3 boolean: go on
SELECT nightbell.switch_heartbeat(nightbell.tenant_to_configure($1::text), $2::text, $3::boolean) AS switched
