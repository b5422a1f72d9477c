-- What a preview renders with.
-- $1 uuid: the tenant; $2 text: a context (JSON); $3 text: a person's name, address or UUID (NULL: nobody)
-- Columns: content, recipient (JSON; NULL: nobody), locale text
SELECT p.content, p.recipient, p.locale
FROM nightbell.template_preview($1::uuid, $2::jsonb, $3::text) AS p
