-- What is to be worked out now of what recurs: windows and scheduled heartbeats (workers, administrators).
-- $1 bigint: how many of each at most. Local times are text, as PostgreSQL writes them in ISO form.
SELECT o.kind, o.tenant_id, o.key, o.revision, to_char(o.starts, 'YYYYMMDD"T"HH24MISS'), o.rrule, to_char(o.since, 'YYYYMMDD"T"HH24MISS'),
       to_char(o.upto, 'YYYYMMDD"T"HH24MISS'), o.upto::text
FROM nightbell.occurrences_wanted($1::bigint::int) AS o
