-- Sends another code to an endpoint that is not confirmed.
-- $1 text: the tenant (NULL: one's own); $2 text: the person (NULL: oneself); $3 text: the endpoint's UUID
SELECT nightbell.resend_code($1::text, $2::text, $3::text) IS NULL AS done
