-- Stops being the session that rings.
SELECT nightbell.resign_ringer()
