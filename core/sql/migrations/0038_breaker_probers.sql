-- Who finds out whether an endpoint works again: where that worker is known to be gone, the next one need not wait for its lease to end.
ALTER TABLE nightbell.breakers ADD COLUMN prober uuid;
