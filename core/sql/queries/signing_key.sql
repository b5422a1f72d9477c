-- The newest signing key that is in use, and not to be retired either: a token must not end before its time (administrators).
-- Columns: kid, algorithm, secret (hex), issuer, audience text
SELECT k.kid, k.algorithm, encode(k.secret, 'hex') AS secret, k.issuer, k.audience
FROM nightbell.signing_keys AS k
WHERE k.retired_at IS NULL
ORDER BY k.created_at DESC, k.kid DESC
LIMIT 1
