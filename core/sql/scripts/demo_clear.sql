-- Removes the demonstration and nothing else, even after an interrupted load.
DO $do$
DECLARE
    ids uuid[];
BEGIN
    IF to_regclass('nightbell_demo.tenants') IS NULL THEN
        DROP SCHEMA IF EXISTS nightbell_demo CASCADE;
        RETURN;
    END IF;
    SELECT array_agg(id) INTO ids FROM nightbell_demo.tenants;
    IF to_regclass('nightbell_demo.global_events') IS NOT NULL THEN
        DELETE FROM nightbell.admin_system_events e USING nightbell_demo.global_events g WHERE e.id = g.id;
    END IF;
    DELETE FROM nightbell.rules WHERE tenant_id = ANY (ids); -- first, so that nothing below is an app event
    DELETE FROM nightbell.module_config WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.outbox WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.decisions WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.deliveries WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.heartbeats WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.windows WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.applied WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.disabled_addresses WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.admin_system_events WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.event_episodes WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.event_types WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.receipts WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.announcements WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.notifications WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.dedup_windows WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.role_identities WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.templates WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.groups WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.users WHERE tenant_id = ANY (ids);
    DELETE FROM nightbell.tenants WHERE id = ANY (ids);
    DROP SCHEMA nightbell_demo CASCADE;
END
$do$;
