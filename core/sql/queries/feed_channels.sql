-- The caller's own channels, and how bells ring here. Without an identity, one row without a channel.
-- Columns: channel, kind, installation, ring text, is_ringing boolean
SELECT c.channel, c.kind, b.installation, b.ring, b.is_ringing
FROM nightbell.bells() AS b LEFT JOIN nightbell.my_channels() AS c ON true
