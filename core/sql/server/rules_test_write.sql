-- What would be decided for an app event, once its plan is rendered; nothing stays.
-- $1 to $5: as rules_test_plan; $6 text: only what concerns this person (NULL: all); $7 to $22: as engine_write's $3 to $18
-- Columns: at timestamptz, subject text, user uuid, user_name, channel, rule_id, code, outcome, detail (JSON) text, more boolean:
-- there are more recipients
SELECT w.at, w.subject, w.user_id, w.user_name, w.channel, w.rule_id, w.code, w.outcome, w.detail, w.more
FROM nightbell.rules_test_write($1::uuid, $2::text, $3::text, $4::text::jsonb, $5::int, $6::text, $7::int[], $8::text[], $9::text[], $10::text[],
    $11::uuid[], $12::text[], $13::timestamptz[], $14::text[], $15::int[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
    $21::text[], $22::text[]) AS w
