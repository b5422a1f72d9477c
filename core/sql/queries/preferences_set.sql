-- Changes what a person prefers.
-- $1 jsonb: the changes; $2 bigint: the version that they were made upon (NULL: any); $3 text: the tenant; $4 text: the person
-- Columns: document jsonb, as it is now
SELECT nightbell.set_preferences($1::jsonb, $2::bigint, $3::text, $4::text)
