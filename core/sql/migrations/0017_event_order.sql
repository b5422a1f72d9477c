-- Events by when they were last seen, and by severity: a page of either is read from an index, in its order, as the newest are.
-- The rank is a column because its words have no order of their own.
ALTER TABLE nightbell.admin_system_events ADD COLUMN severity_rank int NOT NULL
    GENERATED ALWAYS AS (array_position('{low,medium,high,critical}'::text[], severity::text)) STORED;
CREATE INDEX events_tenant_seen ON nightbell.admin_system_events (tenant_id, last_seen_at, id);
CREATE INDEX events_tenant_severity ON nightbell.admin_system_events (tenant_id, severity_rank, id);
-- For global operators. The tenant is a key, so that what is not a reader's is left out within the index (see 0009).
CREATE INDEX events_seen ON nightbell.admin_system_events (last_seen_at, id, tenant_id);
CREATE INDEX events_severity ON nightbell.admin_system_events (severity_rank, id, tenant_id);
