-- One step of `demo live`, as a producer. $1: the round.
-- columns: said text
SELECT nightbell_demo.live_heartbeat($1::bigint) AS said
