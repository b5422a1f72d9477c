-- What the words of the inbox's filter can stand for: the types, the channels, and whose deeds the reader's newest notifications tell of. At
-- most 50 of each word, those that begin with a text, whatever the case.
-- $1 text: the word; NULL: every one · $2 text: the beginning
-- Columns: word, value text
SELECT v.word, v.value
FROM (
    SELECT k.word, k.value, row_number() OVER (PARTITION BY k.word ORDER BY lower(k.value), k.value) AS place
    FROM (
        SELECT 'type' AS word, t.type AS value FROM nightbell.notification_types AS t
        WHERE $1::text IS NULL OR $1::text = 'type'
        UNION
        SELECT 'channel', c.name FROM unnest(nightbell.all_channels()) AS c (name)
        WHERE $1::text IS NULL OR $1::text = 'channel'
        UNION
        SELECT 'actor', n.actor_name
        FROM (
            (SELECT i.actor_name FROM nightbell.inbox_notifications AS i ORDER BY i.id DESC LIMIT 5000)
            UNION ALL
            (SELECT i.actor_name FROM nightbell.inbox_announcements AS i ORDER BY i.id DESC LIMIT 1000)
        ) AS n
        WHERE $1::text IS NULL OR $1::text = 'actor'
    ) AS k
    WHERE starts_with(lower(k.value), lower($2::text))
) AS v
WHERE v.place <= 50
ORDER BY v.word, v.place
