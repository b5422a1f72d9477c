-- Keeps what a token says once it has been verified, so that the statements of this request and later ones need not verify it again.
-- In a transaction of its own, because the request's may only read.
-- $1 text: the token
SELECT nightbell.remember_token($1) AS remembered
