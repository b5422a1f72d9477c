-- Ends the LISTEN of feed_probe_listen.sql.
UNLISTEN nightbell_probe
