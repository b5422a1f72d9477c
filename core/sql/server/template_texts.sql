-- A template's texts for a channel, in every locale.
-- $1 uuid: the tenant; $2 text: the code; $3 text: the channel
-- Columns: version int, variables (JSON), locale, subject, body_template, html_template text, cc, bcc (JSON lists); no row:
-- there is no such template; locale NULL: it has no text for the channel
SELECT t.version, t.variables::text, t.locale, t.subject, t.body_template, t.html_template, to_json(t.cc)::text, to_json(t.bcc)::text
FROM nightbell.template_texts_for($1::uuid, $2::text, $3::text) AS t
