-- Rolls a transaction back.
ROLLBACK
