-- Adds a signing key; affects no row if the id is taken (administrators).
-- $1 text: kid · $2 text: algorithm · $3 text: the secret, in hex · $4 text: issuer, or NULL · $5 text: audience
INSERT INTO nightbell.signing_keys (kid, algorithm, secret, issuer, audience)
VALUES ($1::text, $2::text, decode($3::text, 'hex'), $4::text, $5::text)
ON CONFLICT (kid) DO NOTHING
