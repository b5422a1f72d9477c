-- Windows, heartbeats and what is set for event types are written by definer functions only. Operators read their own
-- tenant's windows: the view of events says which one holds an event.

DROP POLICY IF EXISTS operated ON nightbell.windows;
CREATE POLICY operated ON nightbell.windows FOR SELECT TO nightbell_client USING (tenant_id = (SELECT nightbell.operated_tenant()));
DROP POLICY IF EXISTS operated ON nightbell.window_spans;
CREATE POLICY operated ON nightbell.window_spans FOR SELECT TO nightbell_client USING (tenant_id = (SELECT nightbell.operated_tenant()));
GRANT SELECT ON nightbell.windows, nightbell.window_spans TO nightbell_client;
GRANT EXECUTE ON FUNCTION
    nightbell.matches_pattern(text, text), nightbell.window_matches(nightbell.windows, text, text, text, jsonb)
    TO nightbell_client, nightbell_worker, nightbell_admin;

-- require_administrator() and require_operation() decide
GRANT EXECUTE ON FUNCTION
    nightbell.import_event_types(uuid, text[]), nightbell.event_type_documents(uuid, text), nightbell.delete_event_type(uuid, text),
    nightbell.import_windows(uuid, text[]), nightbell.window_documents(uuid, text), nightbell.delete_window(uuid, text),
    nightbell.start_window(uuid, text, text, text, text[], interval, text), nightbell.end_window(uuid, text), nightbell.window_list(uuid),
    nightbell.import_heartbeats(uuid, text[]), nightbell.heartbeat_documents(uuid, text), nightbell.delete_heartbeat(uuid, text),
    nightbell.switch_heartbeat(uuid, text, boolean),
    nightbell.heartbeat_list(uuid), nightbell.tenant_to_operate(text)
    TO nightbell_client, nightbell_admin;

GRANT EXECUTE ON FUNCTION nightbell.heartbeat(text, uuid, text, text, int, text, text)
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;

-- what is due: workers, and administrators who have none
GRANT EXECUTE ON FUNCTION
    nightbell.events_due(int), nightbell.events_due_next(), nightbell.windows_ended(int), nightbell.heartbeats_due(int),
    nightbell.heartbeats_next(), nightbell.occurrences_wanted(int),
    nightbell.store_occurrences(text, uuid, text, int, timestamp[], timestamp, text), nightbell.occurrences_next()
    TO nightbell_worker, nightbell_admin;
