-- Whether this session does the duties that only one worker does.
SELECT nightbell.take_duties()
