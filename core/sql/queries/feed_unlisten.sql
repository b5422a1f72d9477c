-- Stops listening on all channels.
UNLISTEN *
