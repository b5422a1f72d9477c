-- System events: an operator's own tenant; a global operator every tenant's and the installation's own. The view names the
-- tenant once more as an equality, which is what the index scans use; the OR here only filters.

DROP POLICY IF EXISTS operated ON nightbell.admin_system_events;
CREATE POLICY operated ON nightbell.admin_system_events FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()) OR (SELECT nightbell.operates_globally()));
GRANT SELECT ON nightbell.admin_system_events TO nightbell_client;

DROP POLICY IF EXISTS operated ON nightbell.event_actions;
CREATE POLICY operated ON nightbell.event_actions FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()) OR (SELECT nightbell.operates_globally()));
GRANT SELECT ON nightbell.event_actions TO nightbell_client;

GRANT SELECT ON nightbell.events, nightbell.events_of_tenant, nightbell.events_of_all_tenants, nightbell.event_history
    TO nightbell_client;
