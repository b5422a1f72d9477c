-- Does not ring any more.
SELECT nightbell.resign_ringer()
