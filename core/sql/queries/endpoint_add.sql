-- Adds an endpoint. One's own is sent a code.
-- $1 text: the tenant (NULL: one's own); $2 text: the person (NULL: oneself); $3 text: the channel; $4 text: the address; $5 text: its label (NULL: none)
-- Columns: id uuid
SELECT nightbell.add_endpoint($1::text, $2::text, $3::text, $4::text, $5::text) AS id
