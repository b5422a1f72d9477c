-- LISTENs on all of the caller's own channels, and returns them.
SELECT l.channel, l.kind FROM nightbell.listen() AS l
