-- One step of `demo live`, as a producer. $1: a seed, different for each step.
-- columns: said text
SELECT nightbell_demo.live_publish($1) AS said
