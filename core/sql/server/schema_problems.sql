-- Security problems; must be empty: tables without forced row security, functions without a pinned search path, columns
-- with statistics, grants to PUBLIC.
-- Columns: problem text, object text
SELECT r.problem, r.object FROM nightbell.security_report() AS r ORDER BY r.problem, r.object
