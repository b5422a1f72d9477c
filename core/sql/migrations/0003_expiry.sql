-- What expires is found by the purge without reading everything that does not.
CREATE INDEX notifications_expiry ON nightbell.notifications (expires_at) WHERE expires_at IS NOT NULL;
