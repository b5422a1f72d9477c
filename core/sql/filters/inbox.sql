-- The filter language over nightbell.inbox (alias i): one boolean expression after each name line. $1 is the term's
-- value. The subject's table of words in core/model maps words and values to fragments.

-- :default_visible
-- Added to a filter that does not mention is:archived.
i.archived_at IS NULL

-- :is_unread
i.read_at IS NULL AND i.archived_at IS NULL

-- :is_read
i.read_at IS NOT NULL AND i.archived_at IS NULL

-- :is_archived
i.archived_at IS NOT NULL

-- :is_announcement
i.is_announcement

-- :has_link
i.link IS NOT NULL

-- :has_data
i.data IS NOT NULL AND i.data <> '{}'::jsonb

-- :has_actions
i.actions IS NOT NULL AND i.actions <> '[]'::jsonb

-- :urgency
i.urgency = ANY ($1::text[])

-- :channel
lower(i.channel) = lower($1::text)

-- :channel_like
i.channel ILIKE $1::text

-- :type
i.type = upper($1::text)

-- :type_like
i.type LIKE upper($1::text)

-- :id
-- A whole one bounds the index scan; an end, as lists show it, is looked for in all of the reader's.
right(i.id::text, char_length($1::text)) = lower($1::text)
    AND i.id >= CASE WHEN $1::text ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN $1::text::uuid ELSE '00000000-0000-0000-0000-000000000000' END
    AND i.id <= CASE WHEN $1::text ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN $1::text::uuid ELSE 'ffffffff-ffff-ffff-ffff-ffffffffffff' END

-- :id_like
i.id::text LIKE lower($1::text)

-- :actor_id
i.actor_id = $1::uuid

-- :actor_name
lower(i.actor_name) = lower($1::text)

-- :actor_me
i.actor_id = (SELECT nightbell.current_user_id())

-- :actor_none
i.actor_id IS NULL

-- :since
-- $2 is the same bound as an id. Ids begin with their time, so the index scan can stop there.
i.created_at >= $1::timestamptz AND i.id >= $2::uuid

-- :before
i.created_at < $1::timestamptz AND i.id < $2::uuid

-- :text
i.title ILIKE $1::text OR i.message ILIKE $1::text OR i.type ILIKE $1::text
