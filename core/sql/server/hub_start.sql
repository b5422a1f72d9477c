-- How bells ring here, for a hub; and LISTENs for being told when that changes.
-- Columns: installation, ring, channel text
SELECT b.installation, b.ring, c.channel
FROM nightbell.bells() AS b, nightbell.hub_channel() AS c (channel), LATERAL nightbell.hub_listen(ARRAY[c.channel], true) AS l
