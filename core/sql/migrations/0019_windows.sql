-- Maintenance windows and heartbeats. Both recur: their times are stored as local times with a zone, and their
-- occurrences are worked out ahead, by a program (RRULE, RFC 5545), never in a request.

-- behaviour: what of a matching event waits until the window ends. notices: nobody is told; escalation: nobody else is
-- told; events: nobody is told, and it does not count as open to those who look.
-- starts, ends: of its first span, in the zone. until: when the last span begins at the latest.
CREATE TABLE nightbell.windows (
    tenant_id      uuid NOT NULL REFERENCES nightbell.tenants,
    window_id      text NOT NULL CHECK (window_id ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$'),
    behaviour      text NOT NULL CHECK (behaviour IN ('notices', 'escalation', 'events')),
    event_type     text NOT NULL DEFAULT '*' CHECK (event_type ~ '^([^*[:cntrl:]]{1,100}|[^*[:cntrl:]]{0,99}\*)$'),
    source         text CHECK (octet_length(source) BETWEEN 1 AND 255), -- exact, or a prefix with * behind it; NULL: any, or none
    severity       text[] CHECK (severity <> '{}' AND severity <@ '{low,medium,high,critical}'), -- NULL: any
    details        jsonpath CHECK (octet_length(details::text) <= 1000), -- a predicate on the event's details; NULL: any
    time_zone      text NOT NULL DEFAULT 'UTC',
    starts         timestamp NOT NULL CHECK (isfinite(starts)),
    ends           timestamp NOT NULL CHECK (ends > starts AND ends <= starts + interval '31 days'),
    rrule          text CHECK (octet_length(rrule) BETWEEN 1 AND 512),
    until          timestamp NOT NULL CHECK (until >= starts AND until <= starts + interval '10 years'),
    reason         text NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 4000),
    created_at     timestamptz NOT NULL DEFAULT now(),
    created_by     text, -- who made it, as it was then
    ended_at       timestamptz, -- ended before its time
    ended_by       text,
    revision       int NOT NULL DEFAULT 1, -- +1 with each change
    expanded_until timestamptz, -- spans are there for all that begins before; NULL: not worked out yet
    problem        text, -- why they could not be worked out
    PRIMARY KEY (tenant_id, window_id)
);
CREATE INDEX windows_to_expand ON nightbell.windows (coalesce(expanded_until, '-infinity'), tenant_id)
    WHERE ended_at IS NULL AND problem IS NULL;

-- When a window holds. The look-up is a range of this index: what of the tenant has not ended, and has begun.
CREATE TABLE nightbell.window_spans (
    tenant_id    uuid NOT NULL,
    window_id    text NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL CHECK (ends_at >= starts_at),
    caught_up_at timestamptz, -- when people were told of what still burned at its end
    PRIMARY KEY (tenant_id, window_id, starts_at),
    FOREIGN KEY (tenant_id, window_id) REFERENCES nightbell.windows ON DELETE CASCADE
);
CREATE INDEX window_spans_holding ON nightbell.window_spans (tenant_id, ends_at, starts_at);
CREATE INDEX window_spans_ended ON nightbell.window_spans (ends_at, tenant_id) WHERE caught_up_at IS NULL;

-- A source that must report: every so often, or by a schedule (starts, rrule, time_zone). grace: how late it may be
-- before it is down. early: how much too early a report still counts for the next expected time (schedules only).
CREATE TABLE nightbell.heartbeats (
    tenant_id      uuid NOT NULL REFERENCES nightbell.tenants,
    heartbeat_id   text NOT NULL CHECK (heartbeat_id ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    description    text CHECK (octet_length(description) BETWEEN 1 AND 4000),
    every          interval CHECK (every BETWEEN interval '10 seconds' AND interval '1 year'),
    starts         timestamp CHECK (isfinite(starts)),
    rrule          text CHECK (octet_length(rrule) BETWEEN 1 AND 512),
    time_zone      text NOT NULL DEFAULT 'UTC',
    grace          interval NOT NULL DEFAULT '5 minutes' CHECK (grace BETWEEN interval '1 second' AND interval '30 days'),
    early          interval NOT NULL DEFAULT '1 hour' CHECK (early BETWEEN interval '0' AND interval '30 days'),
    longest_run    interval CHECK (longest_run BETWEEN interval '1 second' AND interval '30 days'), -- after its start; NULL: grace
    event_type     text NOT NULL DEFAULT 'heartbeat_missed' CHECK (event_type ~ '^[^*[:cntrl:]]{1,100}$'),
    severity       nightbell.severity NOT NULL DEFAULT 'high',
    is_active      boolean NOT NULL DEFAULT true,
    revision       int NOT NULL DEFAULT 1,
    expanded_until timestamptz,
    problem        text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, heartbeat_id),
    CHECK ((every IS NULL) = (rrule IS NOT NULL) AND (rrule IS NULL) = (starts IS NULL))
);
CREATE INDEX heartbeats_to_expand ON nightbell.heartbeats (coalesce(expanded_until, '-infinity'), tenant_id)
    WHERE is_active AND rrule IS NOT NULL AND problem IS NULL;

-- When a scheduled heartbeat is expected.
CREATE TABLE nightbell.heartbeat_times (
    tenant_id    uuid NOT NULL,
    heartbeat_id text NOT NULL,
    expected_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, heartbeat_id, expected_at),
    FOREIGN KEY (tenant_id, heartbeat_id) REFERENCES nightbell.heartbeats ON DELETE CASCADE
);

-- Who reports to it. One that has not reported yet is called ''; the first report takes its place.
-- due_at: when it is to be looked at next. state: new, up, running (it said that it started), late, down, failed.
CREATE TABLE nightbell.heartbeat_instances (
    tenant_id    uuid NOT NULL,
    heartbeat_id text NOT NULL,
    instance     text NOT NULL CHECK (octet_length(instance) <= 150),
    state        text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'up', 'running', 'late', 'down', 'failed')),
    expected_at  timestamptz, -- the next report
    due_at       timestamptz,
    received_at  timestamptz, -- the last report, of any kind
    succeeded_at timestamptz, -- the last one that counted
    started_at   timestamptz, -- of the run that has not ended
    verdict      text, -- of the last report: in time, too early, late, failed, started
    exit_status  int,
    run_id       text CHECK (octet_length(run_id) <= 255),
    output       text CHECK (octet_length(output) <= 10240),
    since        timestamptz NOT NULL DEFAULT now(), -- in this state
    PRIMARY KEY (tenant_id, heartbeat_id, instance),
    FOREIGN KEY (tenant_id, heartbeat_id) REFERENCES nightbell.heartbeats ON DELETE CASCADE
);
CREATE INDEX heartbeat_instances_due ON nightbell.heartbeat_instances (due_at, tenant_id) WHERE due_at IS NOT NULL;
