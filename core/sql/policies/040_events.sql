-- System events of the operator's own tenant. The policy is a single equality: with an OR, the index could be searched
-- with another tenant's id, and EXPLAIN ANALYZE would count the rows that the policy then removes. A global operator
-- sees other tenants' events through views that run as the owner and check the role before they read any row
-- (events_of_all_tenants, event_history).

DROP POLICY IF EXISTS operated ON nightbell.admin_system_events;
CREATE POLICY operated ON nightbell.admin_system_events FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()));
GRANT SELECT ON nightbell.admin_system_events TO nightbell_client;

DROP POLICY IF EXISTS operated ON nightbell.event_actions;
CREATE POLICY operated ON nightbell.event_actions FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()));
GRANT SELECT ON nightbell.event_actions TO nightbell_client;

GRANT SELECT ON nightbell.events, nightbell.events_of_tenant, nightbell.events_of_all_tenants, nightbell.event_history,
    nightbell.event_history_of_all_tenants, nightbell.events_of_all_tenants_new_older, nightbell.events_of_all_tenants_new_newer,
    nightbell.events_of_all_tenants_seen_older, nightbell.events_of_all_tenants_seen_newer,
    nightbell.events_of_all_tenants_severity_older, nightbell.events_of_all_tenants_severity_newer
    TO nightbell_client;
