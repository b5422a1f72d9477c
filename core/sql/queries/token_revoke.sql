-- Revokes a token; the row is purged when the token has expired (administrators).
-- $1 text: jti · $2 timestamptz: when the token expires
-- Columns: anew boolean
INSERT INTO nightbell.revoked_tokens AS r (jti, expires_at) VALUES ($1::text, $2::timestamptz)
ON CONFLICT (jti) DO UPDATE SET expires_at = greatest(r.expires_at, excluded.expires_at)
RETURNING r.xmax::text = '0' AS anew
