-- How bells ring here.
-- Columns: ring text, is_ringing boolean
SELECT b.ring, b.is_ringing FROM nightbell.bells() AS b
