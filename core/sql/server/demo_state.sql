-- Whether the demonstration is loaded.
-- columns: begun boolean, complete boolean, taken boolean (somebody else's tenant has one of its names),
--          sends boolean (it has what an earlier version's had not), is_alone boolean (there is no tenant besides),
--          old boolean (of a version before rules, too old to be added to)
SELECT to_regnamespace('nightbell_demo') IS NOT NULL AS begun,
       to_regclass('nightbell_demo.complete') IS NOT NULL AS complete,
       EXISTS (SELECT FROM nightbell.tenants t WHERE lower(t.name) IN ('acme', 'globex')) AS taken,
       to_regclass('nightbell_demo.sending') IS NOT NULL AS sends,
       NOT EXISTS (SELECT FROM nightbell.tenants t WHERE lower(t.name) NOT IN ('acme', 'globex')) AS is_alone,
       to_regprocedure('nightbell_demo.hold_uplink()') IS NULL AS old
