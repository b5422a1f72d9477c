-- The statistics as one document (docs/schema/stats.json), for operators.
-- $1 text: the period: 1h, 24h, 7d or 30d; $2 text: of which tenant, NULL: one's own, or all
-- Columns: the document text
SELECT nightbell.stats($1::text, $2::text)::text
