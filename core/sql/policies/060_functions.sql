-- Who may call which function. A function without a grant here can be called only by other functions.

-- one's own identity: for everybody who may connect
GRANT EXECUTE ON FUNCTION
    nightbell.schema_version(), nightbell.remember_token(text), nightbell.whoami()
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin;

-- one's own doorbells, and how bells ring here
GRANT EXECUTE ON FUNCTION nightbell.listen() TO nightbell_client;
GRANT EXECUTE ON FUNCTION nightbell.bells() TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_ringer, nightbell_admin;

-- the hub: a login in nightbell_ringer may call only these
GRANT EXECUTE ON FUNCTION
    nightbell.hub_listen(text[], boolean), nightbell.hub_channel(), nightbell.ringer_lock(), nightbell.is_ringing(),
    nightbell.become_ringer(), nightbell.resign_ringer(), nightbell.ring_deferred(pg_snapshot)
    TO nightbell_worker, nightbell_ringer, nightbell_admin;

-- functions that policies and queries call
GRANT EXECUTE ON FUNCTION
    nightbell.claims(), nightbell.current_tenant(), nightbell.home_tenant(), nightbell.current_user_id(),
    nightbell.is_global(), nightbell.has_role(text), nightbell.operated_tenant(), nightbell.operates_globally()
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;
GRANT EXECUTE ON FUNCTION
    nightbell.uuidv7(), nightbell.uuidv7_at(timestamptz), nightbell.uuidv7_batch(bigint), nightbell.uuidv7_floor(timestamptz), nightbell.uuidv7_time(uuid),
    nightbell.severity_rank(text), nightbell.urgency_rank(text)
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;

-- producing: clients too, for people whose token has the role producer; producing() decides
GRANT EXECUTE ON FUNCTION
    nightbell.notify(uuid, uuid, text, text, text, jsonb, text, uuid, text[], text, timestamptz, text),
    nightbell.announce(uuid, text, text, text, jsonb, text, uuid, text, timestamptz, text),
    nightbell.notify_many(jsonb[]),
    nightbell.broadcast(uuid, text, text, text, text, text, jsonb, text, uuid, text, timestamptz),
    nightbell.raise_event(text, text, text, jsonb, uuid, uuid, text, text, timestamptz),
    nightbell.settle_event(text, text, timestamptz, text, uuid),
    nightbell.produce_many(text, jsonb[]),
    nightbell.person_find(text, uuid),
    nightbell.ring()
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;

-- acting
GRANT EXECUTE ON FUNCTION
    nightbell.inbox_set_state(text, uuid[], timestamptz[]),
    nightbell.know_the_inbox(),
    nightbell.any_announcement_changed(xid8),
    nightbell.announcement_changes(pg_snapshot, pg_snapshot, uuid, timestamptz, xid8, xid8),
    nightbell.inbox_take_action(uuid, text),
    nightbell.my_channels()
    TO nightbell_client;
GRANT EXECUTE ON FUNCTION
    nightbell.event_act(text, bigint[], text, uuid, timestamptz, jsonb[]),
    nightbell.people_find(text, text)
    TO nightbell_client;

-- administering
GRANT EXECUTE ON FUNCTION nightbell.set_ring(text) TO nightbell_admin;
GRANT EXECUTE ON FUNCTION
    nightbell.security_report(), nightbell.ensure_partitions(interval), nightbell.make_partitions(interval), nightbell.drain_default(int),
    nightbell.partition_report(), nightbell.drop_past_partition(), nightbell.detach_past_partition(), nightbell.detached_partitions(),
    nightbell.purge(int), nightbell.purge_bookkeeping(int), nightbell.purge_preview()
    TO nightbell_worker, nightbell_admin;

-- functions that return everybody's rows, for an archive
GRANT EXECUTE ON FUNCTION
    nightbell.take_past(text, int, boolean), nightbell.detached_lines(text, uuid, uuid, uuid, int), nightbell.drop_detached(text, bigint),
    nightbell.begin_archive(text, text), nightbell.finish_archive(bigint, bigint, bigint), nightbell.forget_archive(bigint),
    nightbell.unfinished_archives()
    TO nightbell_worker, nightbell_admin;

-- types: everybody may read them and validate data against a schema; the administrator writes them
GRANT EXECUTE ON FUNCTION
    nightbell.type_document(nightbell.notification_types), nightbell.iso_interval(interval),
    nightbell.data_problem(text, jsonb, jsonb), nightbell.value_problem(jsonb, jsonb), nightbell.combined_problem(jsonb, jsonb),
    nightbell.object_problem(jsonb, jsonb), nightbell.array_problem(jsonb, jsonb), nightbell.string_problem(jsonb, text),
    nightbell.number_problem(jsonb, numeric), nightbell.type_words(jsonb), nightbell.path_step(text),
    nightbell.path_before(text, text), nightbell.plain_text(text, int), nightbell.pattern_regex(text),
    nightbell.pattern_brackets(text[], boolean[]), nightbell.pattern_escape(text, boolean), nightbell.fits_format(text, text),
    nightbell.is_date(text), nightbell.is_date_time(text), nightbell.is_ipv6(text)
    TO nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin;
GRANT EXECUTE ON FUNCTION
    nightbell.import_types(text[]), nightbell.delete_type(text)
    TO nightbell_admin;

-- configuration: administrators, and people whose token has the role admin; require_administrator() decides
GRANT EXECUTE ON FUNCTION nightbell.tenant_to_configure(text) TO nightbell_client, nightbell_admin;
