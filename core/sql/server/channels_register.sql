-- Tells of the channels that a worker's channels.conf names.
-- $1 text[]: names; $2 text[]: kinds; $3 boolean[]: whether each needs an address
SELECT nightbell.register_channels($1::text[], $2::text[], $3::boolean[]) IS NULL AS done
