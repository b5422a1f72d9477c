-- Decides on claimed app events: what is to be rendered and written, a row for each recipient and channel.
-- $1 uuid[]: tenants; $2 bigint[]: ids; $3 int: at most so many recipients of one
-- Columns: item int (which of them, from 1), rule_id, template_code, type, channel text, user uuid, code text, until
-- timestamptz, title, message, person (JSON), locale text
SELECT p.at_item, p.rule_id, p.template_code, p.type, p.channel, p.user_id, p.code, p.until, p.title, p.message, p.person, p.locale
FROM nightbell.engine_plan($1::uuid[], $2::bigint[], $3::int) AS p
