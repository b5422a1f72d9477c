-- A signing key, retired or not (administrators).
-- $1 text: kid
-- Columns: kid, algorithm, secret (hex), issuer, audience text
SELECT k.kid, k.algorithm, encode(k.secret, 'hex') AS secret, k.issuer, k.audience
FROM nightbell.signing_keys AS k
WHERE k.kid = $1::text
