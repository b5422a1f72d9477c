-- The newest signing key in use that has no date of retirement, which would end its tokens early (administrators).
-- Columns: kid, algorithm, secret (hex), issuer, audience text
SELECT k.kid, k.algorithm, encode(k.secret, 'hex') AS secret, k.issuer, k.audience
FROM nightbell.signing_keys AS k
WHERE k.retired_at IS NULL
ORDER BY k.created_at DESC, k.kid DESC
LIMIT 1
