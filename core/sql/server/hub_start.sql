-- How bells ring here, for a hub; and LISTENs for changes of that.
-- Columns: installation, ring, channel text
SELECT b.installation, b.ring, c.channel
FROM nightbell.bells() AS b, nightbell.hub_channel() AS c (channel), LATERAL nightbell.hub_listen(ARRAY[c.channel], true) AS l
