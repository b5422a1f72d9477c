-- What a worker would render and write for an app event, as engine_plan gives it; nothing stays.
-- $1 uuid: tenant; $2 text: event type; $3 text: module; $4 text: context (JSON); $5 int: at most so many recipients
-- Columns: those of engine_plan
SELECT p.at_item, p.rule_id, p.template_code, p.type, p.channel, p.user_id, p.code, p.until, p.title, p.message, p.person, p.locale
FROM nightbell.rules_test_plan($1::uuid, $2::text, $3::text, $4::text::jsonb, $5::int) AS p
