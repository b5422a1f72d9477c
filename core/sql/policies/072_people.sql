-- Preferences, thresholds, devices: people see and change their own through functions that ask who they are; no client reads
-- or writes the tables. The administrator reads them, and nobody but the owner the secret that signs unsubscribe links.

DO $do$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{preferences,user_settings,alert_thresholds,devices,disabled_addresses,digest_slots,endpoints}'::text[] LOOP
        EXECUTE format('DROP POLICY IF EXISTS administer ON nightbell.%I', name);
        EXECUTE format('CREATE POLICY administer ON nightbell.%I FOR SELECT TO nightbell_admin USING (true)', name);
        EXECUTE format('GRANT SELECT ON nightbell.%I TO nightbell_admin', name);
    END LOOP;
END
$do$;

-- everybody their own, administrators anybody's; preferring() decides
GRANT EXECUTE ON FUNCTION
    nightbell.my_preferences(), nightbell.preferences_of(text, text), nightbell.set_preferences(jsonb, bigint, text, text)
    TO nightbell_client, nightbell_admin;

GRANT EXECUTE ON FUNCTION
    nightbell.endpoints_of(text, text), nightbell.add_endpoint(text, text, text, text, text), nightbell.resend_code(text, text, text),
    nightbell.confirm_endpoint(text, text, text, text), nightbell.remove_endpoint(text, text, text), nightbell.rotate_endpoint(text, text, text, interval)
    TO nightbell_client, nightbell_admin;

-- which channels there are is for everybody; channel_report() decides who hears how much waits
GRANT EXECUTE ON FUNCTION nightbell.all_channels(), nightbell.channel_report() TO nightbell_client, nightbell_worker, nightbell_admin;
GRANT EXECUTE ON FUNCTION nightbell.register_channels(text[], text[], boolean[]) TO nightbell_worker, nightbell_admin;

-- the worker
GRANT EXECUTE ON FUNCTION
    nightbell.digest_due(int), nightbell.digest_next(), nightbell.purge_digest_slots(int),
    nightbell.digest_write(uuid[], uuid[], text[], text[], text[], int[], text[], text[], text[], text[], text[])
    TO nightbell_worker, nightbell_admin;

-- links to unsubscribe: who sends makes them; who serves them, with whatever login, needs nothing but the link
GRANT EXECUTE ON FUNCTION nightbell.unsubscribe_token(uuid, uuid, text, text) TO nightbell_worker, nightbell_admin;
GRANT EXECUTE ON FUNCTION nightbell.unsubscribe(text) TO nightbell_client, nightbell_worker, nightbell_admin;
GRANT EXECUTE ON FUNCTION nightbell.rotate_unsubscribe_secret(boolean) TO nightbell_admin;
