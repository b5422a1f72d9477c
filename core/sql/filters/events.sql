-- The filter language over nightbell.events (alias e): one boolean expression after each name line. $1 is the term's
-- value. The subject's table of words in core/model maps words and values to fragments.
-- order_NAME: what an order sorts by before the id; order_NAME_rank: a bound of it; order_NAME_above: whether a row stands
-- before rank $1 and id $2.

-- :is_open
NOT e.is_resolved AND (e.snoozed_until IS NULL OR e.snoozed_until <= now())

-- :is_resolved
e.is_resolved

-- :is_acked
e.acknowledged_at IS NOT NULL

-- :is_snoozed
NOT e.is_resolved AND e.snoozed_until > now()

-- :is_stale
e.is_stale

-- :is_flapping
e.is_flapping

-- :is_held
e.held_by IS NOT NULL

-- :is_mine
e.assigned_to = (SELECT nightbell.current_user_id())

-- :has_details
e.details IS NOT NULL AND e.details <> '{}'::jsonb

-- :has_resolution
e.resolution IS NOT NULL

-- :has_fingerprint
e.fingerprint IS NOT NULL

-- :severity
e.severity = ANY ($1::text[])

-- :type
lower(e.event_type) = lower($1::text)

-- :type_like
e.event_type ILIKE $1::text

-- :source
lower(e.source) = lower($1::text)

-- :source_like
e.source ILIKE $1::text

-- :source_none
e.source IS NULL

-- :id
-- So that its index finds it: no number is no id.
e.id = CASE WHEN $1::text ~ '^[0-9]{1,18}$' THEN $1::text::bigint END

-- :id_like
e.id::text LIKE $1::text

-- :tenant_id
e.tenant_id = $1::uuid

-- :tenant_name
lower(e.tenant_name) = lower($1::text)

-- :tenant_none
e.tenant_id IS NULL

-- :user_id
e.user_id = $1::uuid

-- :user_name
lower(e.user_name) = lower($1::text)

-- :user_me
e.user_id = (SELECT nightbell.current_user_id())

-- :user_none
e.user_id IS NULL

-- :assigned_id
e.assigned_to = $1::uuid

-- :assigned_name
lower(e.assigned_to_name) = lower($1::text)

-- :assigned_me
e.assigned_to = (SELECT nightbell.current_user_id())

-- :assigned_none
e.assigned_to IS NULL

-- :since
e.created_at >= $1::timestamptz

-- :before
e.created_at < $1::timestamptz

-- :text
e.description ILIKE $1::text OR e.event_type ILIKE $1::text OR e.source ILIKE $1::text

-- :order_seen
e.last_seen_at

-- :order_seen_rank
$1::timestamptz

-- :order_seen_above
(e.last_seen_at, e.id) > ($1::timestamptz, $2::bigint)

-- :order_severity
e.severity_rank

-- :order_severity_rank
$1::int

-- :order_severity_above
(e.severity_rank, e.id) > ($1::int, $2::bigint)
