-- What a worker's duties do about the demonstration: heartbeats, windows and events that are due, deliveries that are held.
SELECT nightbell.heartbeats_due(), nightbell.windows_ended(), nightbell.events_due(), nightbell.release_held(1000)
