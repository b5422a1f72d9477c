-- Whether this session is the one that rings from now on.
-- Columns: leads boolean
SELECT nightbell.become_ringer() AS leads
