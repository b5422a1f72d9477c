-- Confirms an endpoint by the code that was sent there.
-- $1 text: the tenant (NULL: one's own); $2 text: the person (NULL: oneself); $3 text: the endpoint's UUID; $4 text: the code
-- Columns: problem text (NULL: it is confirmed)
SELECT nightbell.confirm_endpoint($1::text, $2::text, $3::text, $4::text) AS problem
