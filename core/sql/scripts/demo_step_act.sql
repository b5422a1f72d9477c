-- One step of `demo live`, as the operator carol.
-- columns: said text (NULL: there was nothing to do)
SELECT nightbell_demo.live_act() AS said
