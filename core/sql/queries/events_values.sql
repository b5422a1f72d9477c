-- What the words of the events' filter can stand for: types, sources and tenants of the newest events that the reader sees, and the people
-- of them. At most 50 of each word, those that begin with a text, whatever the case.
-- $1 text: the word; NULL: every one · $2 text: the beginning
-- Columns: word, value text
WITH newest AS MATERIALIZED (
    (SELECT e.event_type, e.source, e.tenant_name FROM nightbell.events_of_tenant AS e
      WHERE $1::text IS NULL OR $1::text IN ('type', 'source', 'tenant')
      ORDER BY e.id DESC LIMIT 5000)
    UNION ALL
    (SELECT e.event_type, e.source, e.tenant_name FROM nightbell.events_of_all_tenants_new_older AS e
      WHERE $1::text IS NULL OR $1::text IN ('type', 'source', 'tenant')
      ORDER BY e.id DESC LIMIT 5000)
)
SELECT v.word, v.value
FROM (
    SELECT k.word, k.value, row_number() OVER (PARTITION BY k.word ORDER BY lower(k.value), k.value) AS place
    FROM (
        SELECT 'type' AS word, n.event_type AS value FROM newest AS n
        UNION
        SELECT 'source', n.source FROM newest AS n
        UNION
        SELECT 'tenant', n.tenant_name FROM newest AS n
        UNION
        SELECT w.word, p.name
        FROM (VALUES ('user'), ('assigned')) AS w (word)
        CROSS JOIN (SELECT regexp_replace($2::text, '([\\%_])', '\\\1', 'g') || '%' AS begins) AS b
        CROSS JOIN LATERAL nightbell.people_find(b.begins, b.begins) AS p
        WHERE $1::text IS NULL OR $1::text = w.word
    ) AS k
    WHERE ($1::text IS NULL OR $1::text = k.word) AND starts_with(lower(k.value), lower($2::text))
) AS v
WHERE v.place <= 50
ORDER BY v.word, v.place
