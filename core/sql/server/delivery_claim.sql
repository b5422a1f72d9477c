-- Leases deliveries that are due to this worker.
-- $1 uuid: the worker; $2 int: for how long, in milliseconds; $3 text[], $4 int[], $5 int[], $6 timestamptz[], $7 int[]: channels, lanes,
-- rooms, floors (NULL: from the beginning) and shares; $8 text[], $9 text[], $10 int[]: what it has in hand, by channel and endpoint;
-- $11 text: its public URL, NULL: it has none
-- Columns: tenant, user, id uuid; channel, endpoint text; lane int; due timestamptz; attempt int; created timestamptz; type, urgency,
-- locale, subject, body, html, payload (JSON), link, address, targets (JSON), problem, unsubscribe, cc, bcc (JSON) text
SELECT c.tenant_id, c.user_id, c.id, c.channel, c.endpoint, c.lane, c.due, c.attempt, c.created_at, c.type, c.urgency, c.locale, c.subject,
    c.body, c.html, c.payload, c.link, c.address, c.targets, c.problem, c.unsubscribe, c.cc, c.bcc
FROM nightbell.delivery_claim($1::uuid, $2::int * interval '1 millisecond', $3::text[], $4::int[], $5::int[],
    array_replace($6::timestamptz[], NULL, '-infinity'), $7::int[], $8::text[], $9::text[], $10::int[], $11::text IS NOT NULL) AS c
