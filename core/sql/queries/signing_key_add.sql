-- A signing key for HS256 (administrators).
-- $1 text: kid · $2 text: the secret, in hex
INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ($1::text, 'HS256', decode($2::text, 'hex'))
