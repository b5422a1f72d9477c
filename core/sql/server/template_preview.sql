-- What a preview renders with.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: a context (JSON); $3 text: a person's name, address or UUID
-- (NULL: nobody)
-- Columns: tenant, content, recipient (JSON; NULL: nobody), locale text
SELECT t.id::text AS tenant, p.content, p.recipient, p.locale
FROM nightbell.tenant_to_configure($1::text) AS t (id)
    CROSS JOIN LATERAL nightbell.template_preview(t.id, $2::jsonb, $3::text) AS p
