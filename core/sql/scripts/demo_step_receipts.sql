-- One step of `demo live`, as a worker: what providers tell of what was sent.
-- columns: said text (NULL: there was nothing to tell)
SELECT nightbell_demo.live_receipts() AS said
