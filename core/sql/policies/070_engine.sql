-- The engine's tables are read and written by definer functions only: no policy but the owner's, no grant on any of them.

GRANT EXECUTE ON FUNCTION nightbell.publish(uuid, text, text, jsonb, text, timestamptz)
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;
