-- Tries to become the session that rings; returns whether it is.
-- Columns: leads boolean
SELECT nightbell.become_ringer() AS leads
