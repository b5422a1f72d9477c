-- What the words of the deliveries' filter can stand for: types, providers and tenants of the newest that the reader sees, the channels there
-- are, and people. At most 50 of each word, those that begin with a text, whatever the case.
-- $1 text: the word; NULL: every one · $2 text: the beginning
-- Columns: word, value text
WITH newest AS MATERIALIZED (
    (SELECT d.type, d.channel, d.provider, d.tenant_name FROM nightbell.deliveries_of_tenant AS d
      WHERE $1::text IS NULL OR $1::text <> 'user'
      ORDER BY d.id DESC LIMIT 5000)
    UNION ALL
    (SELECT d.type, d.channel, d.provider, d.tenant_name FROM nightbell.deliveries_of_all_tenants_new_older AS d
      WHERE $1::text IS NULL OR $1::text <> 'user'
      ORDER BY d.id DESC LIMIT 5000)
)
SELECT v.word, v.value
FROM (
    SELECT k.word, k.value, row_number() OVER (PARTITION BY k.word ORDER BY lower(k.value), k.value) AS place
    FROM (
        SELECT 'type' AS word, n.type::text AS value FROM newest AS n
        UNION
        SELECT 'channel', c.name FROM unnest(nightbell.all_channels()) AS c (name)
        WHERE c.name <> 'in_app'
        UNION
        SELECT 'channel', n.channel FROM newest AS n
        UNION
        SELECT 'provider', n.provider FROM newest AS n
        UNION
        SELECT 'tenant', n.tenant_name FROM newest AS n
        UNION
        SELECT 'user', p.name
        FROM (SELECT regexp_replace($2::text, '([\\%_])', '\\\1', 'g') || '%' AS begins) AS b
        CROSS JOIN LATERAL nightbell.people_find(b.begins, b.begins) AS p
        WHERE $1::text IS NULL OR $1::text = 'user'
    ) AS k
    WHERE ($1::text IS NULL OR $1::text = k.word) AND starts_with(lower(k.value), lower($2::text))
) AS v
WHERE v.place <= 50
ORDER BY v.word, v.place
