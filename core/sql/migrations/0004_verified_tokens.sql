-- Tokens whose signature and claims were found right, by the digest of their very bytes: a statement then looks up what can
-- change (expiry, revocation, the key, the user, roles) instead of doing the arithmetic again. Only definer functions write and
-- read it. The digest gives nothing away: a token cannot be made from it.
CREATE TABLE nightbell.verified_tokens (
    digest         bytea PRIMARY KEY, -- SHA-256 of the token
    kid            text NOT NULL REFERENCES nightbell.signing_keys ON DELETE CASCADE ON UPDATE CASCADE,
    user_id        uuid NOT NULL,
    home_tenant_id uuid NOT NULL,
    is_global      boolean NOT NULL,
    roles          text[], -- NULL: the token names none, user_roles does
    jti            text,
    expires_at     timestamptz NOT NULL,
    FOREIGN KEY (home_tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);
CREATE INDEX verified_tokens_expiry ON nightbell.verified_tokens (expires_at);
CREATE INDEX verified_tokens_kid ON nightbell.verified_tokens (kid);
CREATE INDEX verified_tokens_user ON nightbell.verified_tokens (home_tenant_id, user_id);
