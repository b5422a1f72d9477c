-- The statistics as series of numbers, for operators: what has been counted since ever, and how things stand.
-- $1 text: of which tenant, NULL: one's own, or all
-- Columns: metric text; part text: of a histogram bucket, sum or count, else value; tenant_name text, NULL: it is of no tenant; label text, second text: the
-- values of the metric's labels, NULL: it has none; bound text: of a bucket; value text: both are numbers. The series of a metric follow each other.
SELECT m.metric, m.part, m.tenant_name, m.label, m.second, m.bound::text, m.value::text FROM nightbell.stats_metrics($1::text) AS m
