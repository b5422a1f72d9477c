-- LISTENs on all channels of the caller's own, and says which they are.
SELECT l.channel, l.kind FROM nightbell.listen() AS l
