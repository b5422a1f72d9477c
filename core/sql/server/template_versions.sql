-- The versions of templates that are rendered now.
-- $1 uuid: the tenant; $2 text[]: codes
-- Columns: code text, version int; no row for what is not there
SELECT v.code, v.version
FROM nightbell.template_versions($1::uuid, $2::text[]) AS v
