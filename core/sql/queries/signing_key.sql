-- The newest signing key that is in use (administrators).
SELECT k.kid, k.algorithm, encode(k.secret, 'hex') AS secret, k.issuer, k.audience
FROM nightbell.signing_keys AS k
WHERE k.retired_at IS NULL OR k.retired_at > now()
ORDER BY k.retired_at IS NOT NULL, k.created_at DESC, k.kid DESC
LIMIT 1
