-- What a person prefers, and what becomes of every type by it: functions/304_preferences.sql.
-- $1 text: the tenant, by name or UUID; $2 text: the person, by name, address or UUID (for administrators). NULL: oneself
-- Columns: document jsonb
SELECT nightbell.preferences_of($1::text, $2::text)
