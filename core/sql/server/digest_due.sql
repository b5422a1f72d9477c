-- Takes groups of deliveries whose waiting is over; a row for each person and channel, sorted so that the same texts stand together.
-- $1 int: at most so many groups
-- Columns: tenant_id uuid, user_id uuid, channel text, items text (NULL: it left as itself), context text, template_code text (NULL:
-- the tenant has no template), person text, locale text
SELECT d.tenant_id, d.user_id, d.channel, d.items, d.context, d.template_code, d.person, d.locale FROM nightbell.digest_due($1) AS d
