-- System events: an operator's own tenant's. An equality and nothing else: behind an OR the index could be entered with another
-- tenant's id, and EXPLAIN ANALYZE would count what the policy then takes away. What a global operator sees of other tenants
-- comes through views that run as the owner and ask once before they read anything (events_of_all_tenants, event_history).

DROP POLICY IF EXISTS operated ON nightbell.admin_system_events;
CREATE POLICY operated ON nightbell.admin_system_events FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()));
GRANT SELECT ON nightbell.admin_system_events TO nightbell_client;

DROP POLICY IF EXISTS operated ON nightbell.event_actions;
CREATE POLICY operated ON nightbell.event_actions FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()));
GRANT SELECT ON nightbell.event_actions TO nightbell_client;

GRANT SELECT ON nightbell.events, nightbell.events_of_tenant, nightbell.events_of_all_tenants, nightbell.event_history,
    nightbell.event_history_of_all_tenants
    TO nightbell_client;
