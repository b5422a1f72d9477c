-- Whether the demonstration is loaded.
-- columns: begun boolean, complete boolean, taken boolean (somebody else's tenant has one of its names)
SELECT to_regnamespace('nightbell_demo') IS NOT NULL AS begun,
       to_regclass('nightbell_demo.complete') IS NOT NULL AS complete,
       EXISTS (SELECT FROM nightbell.tenants t WHERE lower(t.name) IN ('acme', 'globex')) AS taken
