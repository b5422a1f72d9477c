-- The signing keys, newest first, without their secrets (administrators).
-- Columns: kid, algorithm, issuer, audience text, created_at, retired_at timestamptz
SELECT k.kid, k.algorithm, k.issuer, k.audience, k.created_at, k.retired_at
FROM nightbell.signing_keys AS k
ORDER BY k.created_at DESC, k.kid DESC
