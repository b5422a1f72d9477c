-- The engine's tables are read and written by definer functions only: no policy but the owner's, no grant on any of them.

GRANT EXECUTE ON FUNCTION nightbell.publish(uuid, text, text, jsonb, text, timestamptz)
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;

-- administrators, and people whose token has the role admin; require_administrator() decides
GRANT EXECUTE ON FUNCTION
    nightbell.import_rules(uuid, text[]), nightbell.rule_documents(uuid, text), nightbell.delete_rule(uuid, text),
    nightbell.set_module(uuid, text, boolean, jsonb)
    TO nightbell_client, nightbell_admin;

-- everybody about themselves, operators about their tenant; why() decides
GRANT EXECUTE ON FUNCTION nightbell.why(text, text) TO nightbell_client, nightbell_admin;

-- the worker
GRANT EXECUTE ON FUNCTION
    nightbell.worker_channel(), nightbell.worker_start(text, text, int, text), nightbell.worker_beat(uuid, bigint, bigint, boolean),
    nightbell.engine_claim(boolean, int, int), nightbell.engine_waits(), nightbell.engine_failed(uuid, bigint, text, text),
    nightbell.take_duties(), nightbell.engine_watch(bigint, interval, interval), nightbell.release_held(int), nightbell.release_due(),
    nightbell.make_log_partitions(), nightbell.drop_past_log_partition(), nightbell.purge_engine(int), nightbell.clock(), nightbell.milliseconds_until(timestamptz, int)
    TO nightbell_worker, nightbell_admin;

GRANT EXECUTE ON FUNCTION
    nightbell.engine_plan(uuid[], bigint[], int),
    nightbell.engine_write(uuid[], bigint[], int[], text[], text[], text[], uuid[], text[], timestamptz[], text[], int[], text[], text[], text[],
                           text[], text[], text[], text[])
    TO nightbell_worker, nightbell_admin;

-- administrators, and people whose token has the role admin; require_administrator() decides, and nothing of it stays
GRANT EXECUTE ON FUNCTION
    nightbell.rules_test_plan(uuid, text, text, jsonb, int),
    nightbell.rules_test_write(uuid, text, text, jsonb, int, text, int[], text[], text[], text[], uuid[], text[], timestamptz[], text[], int[],
                               text[], text[], text[], text[], text[], text[], text[])
    TO nightbell_client, nightbell_admin;

-- the worker that sends
GRANT EXECUTE ON FUNCTION
    nightbell.delivery_claim(uuid, interval, text[], int[], int[], timestamptz[], int[], text[], text[], int[], boolean),
    nightbell.delivery_finish(uuid, uuid[], uuid[], uuid[], int[], text[], text[], text[], int[], text[], int[], int[], text[], text[],
                              bigint[], int[], int[], uuid[], text[], text[], text[], text[]),
    nightbell.delivery_sent(uuid, uuid[], uuid[], uuid[], int[], int[], int[], int[], text[], uuid[], text[], text[], text[], text[]),
    nightbell.delivery_waits(text[]), nightbell.delivery_cancelled(uuid), nightbell.delivery_abandon(uuid),
    nightbell.worker_formers(uuid), nightbell.worker_sends(uuid, text[])
    TO nightbell_worker, nightbell_admin;

-- operators of the tenant; operated_deliveries() decides
GRANT EXECUTE ON FUNCTION nightbell.delivery_retry(uuid[]), nightbell.delivery_cancel(uuid[]) TO nightbell_client, nightbell_admin;

-- statistics; stats_scope() decides whose
GRANT EXECUTE ON FUNCTION nightbell.stats(text, text), nightbell.stats_metrics(text) TO nightbell_client, nightbell_admin;
GRANT EXECUTE ON FUNCTION nightbell.tally_up(int), nightbell.purge_tallies(int) TO nightbell_worker, nightbell_admin;

-- the host that gets bounces and providers' receipts
GRANT EXECUTE ON FUNCTION nightbell.import_receipts(text[]) TO nightbell_worker, nightbell_admin;
