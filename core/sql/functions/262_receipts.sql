-- Receipts of deliveries: what providers and bounces tell of what was sent. A rank decides, never the order of arrival.

-- How far a receipt's word is along; 10 ends it.
CREATE OR REPLACE FUNCTION nightbell.receipt_rank(status text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE status WHEN 'queued' THEN 1 WHEN 'sending' THEN 2 WHEN 'sent' THEN 3 WHEN 'deferred' THEN 4 WHEN 'delivered' THEN 5
    WHEN 'opened' THEN 6 WHEN 'read' THEN 6 WHEN 'clicked' THEN 7 WHEN 'bounced' THEN 10 WHEN 'failed' THEN 10 WHEN 'complained' THEN 10 END;

-- The state that a delivery in `status` has with such a receipt. What was never recorded as sent stays what it is: guard_delivery() asks
-- again once it is.
CREATE OR REPLACE FUNCTION nightbell.receipt_state(status text, receipt text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN status NOT IN ('sent', 'delivered') THEN status
    WHEN receipt IN ('bounced', 'failed') THEN 'bounced'
    WHEN receipt IN ('opened', 'clicked') THEN 'read'
    WHEN receipt IN ('delivered', 'complained') THEN 'delivered' -- who complains has it
    ELSE status END;

-- Whether a receipt says that nothing is to be sent to the address any more. A mailbox that is full, or a text that is refused,
-- says nothing of it; a bounce without a status of RFC 3463 does. Codes of five digits are those of SMS: no such number (21211, 21217, 30005), its
-- owner answered STOP (21610), it cannot take messages (21614, 30006); a telephone that is off, or a carrier that refuses, is no end.
CREATE OR REPLACE FUNCTION nightbell.receipt_ends_address(status text, code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status = 'complained'
    OR status IN ('bounced', 'failed') AND code IN ('5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1', '21211', '21217', '21610', '21614', '30005', '30006')
    OR status = 'bounced' AND (code IS NULL OR code !~ '^([245]\.\d{1,3}\.\d{1,3}|\d{5})$');

-- What is wrong with a receipt; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.receipt_problem(item jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    problem CONSTANT text := nightbell.text_member_problem(item, '{delivery,message_id,channel,status,at,code,detail}', '{status}');
BEGIN
    IF problem IS NOT NULL THEN
        RETURN problem;
    ELSIF nightbell.receipt_rank(item ->> 'status') IS NULL OR item ->> 'status' = 'read' THEN
        RETURN 'status: expected queued, sending, sent, deferred, delivered, opened, clicked, bounced, failed or complained';
    ELSIF num_nonnulls(item ->> 'delivery', item ->> 'message_id') <> 1 THEN
        RETURN 'expected either delivery or message_id';
    ELSIF item ->> 'delivery' !~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN
        RETURN 'delivery: expected a UUID';
    ELSIF octet_length(item ->> 'message_id') NOT BETWEEN 1 AND 1000 THEN
        RETURN 'message_id: expected 1 to 1000 bytes';
    ELSIF octet_length(item ->> 'code') > 100 THEN
        RETURN 'code: it has more than 100 bytes';
    ELSIF item ->> 'at' !~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$' THEN
        RETURN 'at: expected a time such as 2026-11-30T12:00:00Z';
    ELSIF jsonb_typeof(coalesce(item -> 'ends_address', 'null')) NOT IN ('boolean', 'null') THEN
        RETURN 'ends_address: expected true or false';
    ELSIF jsonb_typeof(coalesce(item -> 'recipients', '[]')) <> 'array' OR jsonb_array_length(coalesce(item -> 'recipients', '[]')) > 10 THEN
        RETURN 'recipients: expected a list of at most 10 addresses';
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(coalesce(item -> 'recipients', '[]')) AS r (value) WHERE jsonb_typeof(r.value) <> 'string'
                  OR octet_length(r.value #>> '{}') > 1000) THEN
        RETURN 'recipients: expected addresses';
    END IF;
    RETURN nightbell.unknown_member(item, '{delivery,message_id,channel,status,at,code,detail,recipients,ends_address}');
END
$$;

-- Takes one: taken (its delivery is in another state for it), history (same or lower rank), copy (it is of somebody whom the mail was copied
-- to) or unknown.
CREATE OR REPLACE FUNCTION nightbell.take_receipt(item jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    told CONSTANT text := item ->> 'status';
    whom CONSTANT text[] := ARRAY(SELECT lower(r) FROM jsonb_array_elements_text(coalesce(item -> 'recipients', '[]')) AS r);
    tried nightbell.attempts;
    d nightbell.deliveries;
    said text := item ->> 'detail'; -- without the addresses: operators read it
    problem text;
    one text;
    state text;
    what text;
BEGIN
    IF item ->> 'delivery' IS NOT NULL THEN
        SELECT x.* INTO d FROM nightbell.deliveries x WHERE x.id = (item ->> 'delivery')::uuid FOR NO KEY UPDATE;
    ELSE
        SELECT a.* INTO tried FROM nightbell.attempts a
        WHERE a.message_id = item ->> 'message_id' AND (item ->> 'channel' IS NULL OR a.channel = item ->> 'channel') AND a.outcome = 'sent'
        ORDER BY a.at DESC LIMIT 1;
        SELECT x.* INTO d FROM nightbell.deliveries x WHERE x.id = tried.delivery_id AND x.tenant_id = tried.tenant_id FOR NO KEY UPDATE;
    END IF;
    IF d.id IS NULL THEN
        RETURN 'unknown';
    END IF;
    FOREACH one IN ARRAY whom || d.address LOOP
        said := nightbell.mask_in(said, one);
    END LOOP;
    problem := left(concat_ws(' ', item ->> 'code', said), 1000);
    -- bounces of copies come to the same return path
    IF cardinality(d.cc || d.bcc) > 0 AND cardinality(whom) > 0 AND lower(d.address) <> ALL (whom) THEN
        what := 'copy';
    ELSIF nightbell.receipt_rank(told) > greatest(nightbell.receipt_rank(d.receipt), nightbell.receipt_rank(d.status), 0) THEN
        what := 'taken';
    ELSE
        what := 'history';
    END IF;
    INSERT INTO nightbell.delivery_receipts (tenant_id, user_id, delivery_id, at, told_at, status, code, detail, recipient, change)
    VALUES (d.tenant_id, d.user_id, d.id, at, (item ->> 'at')::timestamptz, told, item ->> 'code', left(said, 1000),
            left(nightbell.mask_address(whom[1]), 90), what);
    IF what <> 'taken' THEN
        RETURN what;
    END IF;
    UPDATE nightbell.deliveries x SET receipt = told, status = nightbell.receipt_state(x.status, told),
        error = CASE WHEN nightbell.receipt_rank(told) = 10 THEN coalesce(nullif(problem, ''), told) ELSE x.error END
    WHERE x.tenant_id = d.tenant_id AND x.user_id = d.user_id AND x.id = d.id RETURNING x.status INTO state;
    IF state <> d.status AND (state = 'bounced' OR d.status = 'sent') THEN -- one that is read after it was delivered counts as that already
        INSERT INTO nightbell.tallies (tenant_id, at, measure, label, n)
        VALUES (d.tenant_id, at, CASE state WHEN 'bounced' THEN 'bounced' ELSE 'delivered' END, d.channel::text, 1);
    END IF;
    IF nightbell.receipt_rank(told) = 10 THEN
        PERFORM nightbell.decide(d.tenant_id, 'delivery', d.id::text, d.user_id, d.channel::text, d.rule_id, 'bounced',
                                 jsonb_strip_nulls(jsonb_build_object('problem', nullif(problem, ''), 'status', told)), d.app_event);
        IF coalesce((item ->> 'ends_address')::boolean, nightbell.receipt_ends_address(told, item ->> 'code')) THEN
            PERFORM nightbell.end_address(d.tenant_id, d.user_id, d.channel::text, tried.target, d.address, concat_ws(': ', told, nullif(problem, '')), at);
        END IF;
    END IF;
    RETURN what;
END
$$;

-- What comes back has not arrived, so that the next channel of its rule is tried, as for a dead letter; whoever moves the delivery there, a receipt
-- or guard_delivery() for one that came too early.
CREATE OR REPLACE FUNCTION nightbell.bounced_falls_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.queue_fallbacks(ARRAY[NEW.tenant_id], ARRAY[NEW.id], nightbell.clock());
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER bounced_falls_back AFTER UPDATE ON nightbell.deliveries
    FOR EACH ROW WHEN (NEW.status = 'bounced' AND OLD.status <> 'bounced' AND NEW.fallback_channels <> '{}') EXECUTE FUNCTION nightbell.bounced_falls_back();

-- For administrators of the installation and for the host that gets bounces: an outcome for every item, whatever the tenant.
CREATE OR REPLACE FUNCTION nightbell.import_receipts(items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    item jsonb;
    state text; -- needed because sqlstate changes inside a nested handler
BEGIN
    FOR i IN 1 .. coalesce(cardinality(items), 0) LOOP
        ordinal := i;
        key := NULL;
        change := NULL;
        message := NULL;
        hint := NULL;
        state := '22023';
        BEGIN
            item := items[i]::jsonb;
            message := nightbell.receipt_problem(item);
            IF message IS NULL THEN
                key := coalesce(item ->> 'delivery', item ->> 'message_id');
                change := nightbell.take_receipt(item);
                state := NULL;
            END IF;
        EXCEPTION WHEN data_exception OR program_limit_exceeded OR integrity_constraint_violation OR syntax_error THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
            change := NULL;
            IF key IS NULL THEN
                message := 'the item is no JSON that PostgreSQL takes';
                hint := NULL;
            END IF;
        END;
        sqlstate := state;
        RETURN NEXT;
    END LOOP;
END
$$;
