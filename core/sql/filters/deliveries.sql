-- The filter language over nightbell.deliveries_seen (alias d): one boolean expression after each name line. $1 is the term's
-- value. The subject's table of words in core/model maps words and values to fragments.

-- :is_waiting
d.status IN ('held', 'queued', 'sending')

-- :is_arrived
d.status IN ('sent', 'delivered', 'read')

-- :is_dead
d.is_dead

-- :is_retried
d.attempts > 1

-- :is_late
d.status = 'queued' AND d.next_attempt_at < now() - interval '1 minute' OR d.status = 'sending' AND d.sending_at < now() - interval '5 minutes'

-- :has_error
d.error IS NOT NULL

-- :has_fallback
d.fallback_of IS NOT NULL

-- :has_digest
d.digest_id IS NOT NULL

-- :status
d.status = ANY ($1::text[])

-- :urgency
d.urgency = ANY ($1::text[])

-- :channel
lower(d.channel) = lower($1::text)

-- :channel_like
d.channel ILIKE $1::text

-- :type
d.type = upper($1::text)

-- :type_like
d.type LIKE upper($1::text)

-- :provider
lower(d.provider) = lower($1::text)

-- :provider_like
d.provider ILIKE $1::text

-- :provider_none
d.provider IS NULL

-- :error
-- anywhere in it; a pattern is for the whole
position(lower($1::text) IN lower(d.error)) > 0

-- :error_like
d.error ILIKE $1::text

-- :error_none
d.error IS NULL

-- :tenant_id
d.tenant_id = $1::uuid

-- :tenant_name
lower(d.tenant_name) = lower($1::text)

-- :user_id
d.user_id = $1::uuid

-- :user_name
lower(d.user_name) = lower($1::text)

-- :user_me
d.user_id = (SELECT nightbell.current_user_id())

-- :rule
d.rule_id = $1::text

-- :rule_like
d.rule_id ILIKE $1::text

-- :rule_none
d.rule_id IS NULL

-- :since
-- $2 is the same bound as an id. Ids begin with their time, so the index scan can stop there.
d.created_at >= $1::timestamptz AND d.id >= $2::uuid

-- :before
d.created_at < $1::timestamptz AND d.id < $2::uuid

-- :older
d.state_at < $1::timestamptz AND d.id < $2::uuid

-- :text
d.type ILIKE $1::text OR d.error ILIKE $1::text OR d.user_name ILIKE $1::text OR d.provider ILIKE $1::text
