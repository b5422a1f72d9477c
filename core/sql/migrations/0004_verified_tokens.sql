-- Tokens whose signature and claims were found right, by the digest of their very bytes: a statement then makes one look-up
-- instead of the arithmetic. A row goes as soon as its key changes or it is revoked. Only definer functions write and read it.
-- The digest gives nothing away: no token can be made from it.
CREATE TABLE nightbell.verified_tokens (
    digest         bytea PRIMARY KEY, -- SHA-256 of the token
    kid            text NOT NULL REFERENCES nightbell.signing_keys ON DELETE CASCADE,
    jti            text,
    user_id        uuid NOT NULL,
    home_tenant_id uuid NOT NULL,
    is_global      boolean NOT NULL,
    roles          text[], -- NULL: the token names none, user_roles does
    expires_at     timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL, -- that, or when its key is retired
    FOREIGN KEY (home_tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);
CREATE INDEX verified_tokens_end ON nightbell.verified_tokens (ends_at);
CREATE INDEX verified_tokens_kid ON nightbell.verified_tokens (kid);
CREATE INDEX verified_tokens_jti ON nightbell.verified_tokens (jti);
CREATE INDEX verified_tokens_user ON nightbell.verified_tokens (home_tenant_id, user_id);
