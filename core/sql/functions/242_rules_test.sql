-- `rules test`: what publishing an app event would do. The worker's own functions run, and the server rolls their writes back
-- before it answers, so a tenant's administrator, who may write none of these tables, may ask.
DROP FUNCTION IF EXISTS nightbell.decided(uuid, bigint);
DROP FUNCTION IF EXISTS nightbell.test_app_event(uuid, text, text, jsonb);
DROP FUNCTION IF EXISTS nightbell.rules_test_write(uuid, text, text, jsonb, int, text, int[], text[], text[], text[], uuid[], text[], timestamptz[], text[],
    int[], text[], text[], text[], text[], text[]);

-- An app event as publish() would store it, for an administrator.
CREATE OR REPLACE FUNCTION nightbell.rules_test_event(tenant uuid, event_type text, module text, context jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    SELECT * INTO wrong FROM nightbell.check_app_event((tenant, true, '{producer}', NULL)::nightbell.producer, tenant, event_type, module, context, NULL);
    IF wrong.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(wrong.sqlstate, wrong.problem, wrong.hint);
    END IF;
    RETURN nightbell.store_app_event(tenant, event_type, module, context, NULL, NULL);
END
$$;

-- The plan for it, as engine_plan() gives it to the worker; nothing stays.
CREATE OR REPLACE FUNCTION nightbell.rules_test_plan(tenant uuid, event_type text, module text, context jsonb, most int)
RETURNS TABLE (at_item int, rule_id text, template_code text, type text, channel text, user_id uuid, code text, until timestamptz,
               title text, message text, person text, locale text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    plan jsonb;
BEGIN
    BEGIN
        plan := (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.n)
                 FROM nightbell.engine_plan(ARRAY[tenant], ARRAY[nightbell.rules_test_event(tenant, event_type, module, context)], most)
                     WITH ORDINALITY AS p (at_item, rule_id, template_code, type, channel, user_id, code, until, title, message, person, locale, n));
        RAISE SQLSTATE 'NBUND';
    EXCEPTION WHEN SQLSTATE 'NBUND' THEN
        NULL; -- the block's writes are rolled back, its variables keep their values
    END;
    RETURN QUERY SELECT * FROM jsonb_to_recordset(plan) AS p (at_item int, rule_id text, template_code text, type text, channel text, user_id uuid,
        code text, until timestamptz, title text, message text, person text, locale text);
END
$$;

-- What would be decided, once the plan is rendered: the arrays are those of engine_write(). person: only what concerns them, and
-- nobody in particular; NULL: all. Nothing stays. more: there are recipients behind the first `most`.
CREATE OR REPLACE FUNCTION nightbell.rules_test_write(tenant uuid, event_type text, module text, context jsonb, most int, person text,
    items int[], rules text[], types text[], channels text[], users uuid[], codes text[], untils timestamptz[], templates text[], texts int[],
    subjects text[], bodies text[], htmls text[], locales text[], missings text[], ccs text[], bccs text[])
RETURNS TABLE (at timestamptz, subject text, user_id uuid, user_name text, channel text, rule_id text, code text, outcome text, detail jsonb, more boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_event bigint;
    only_user uuid;
    nobody text;
    told jsonb;
    cut boolean;
BEGIN
    BEGIN
        of_event := nightbell.rules_test_event(tenant, event_type, module, context);
        IF person IS NOT NULL THEN
            SELECT p.id, p.problem INTO only_user, nobody FROM nightbell.person_of(tenant, person) AS p;
            IF nobody IS NOT NULL THEN
                PERFORM nightbell.refuse('P0002', nobody, 'Name a person by name, address or UUID.');
            END IF;
        END IF;
        PERFORM FROM nightbell.engine_plan(ARRAY[tenant], ARRAY[of_event], most);
        IF cardinality(items) > 0 THEN
            PERFORM nightbell.engine_write(ARRAY[tenant], ARRAY[of_event], items, rules, types, channels, users, codes, untils, templates, texts,
                                           subjects, bodies, htmls, locales, missings, ccs, bccs);
        END IF;
        cut := (SELECT o.progress IS NOT NULL FROM nightbell.outbox o WHERE o.tenant_id = tenant AND o.id = of_event);
        told := (SELECT jsonb_agg(to_jsonb(d)) FROM nightbell.decisions d WHERE d.tenant_id = tenant AND d.app_event = of_event);
        RAISE SQLSTATE 'NBUND';
    EXCEPTION WHEN SQLSTATE 'NBUND' THEN
        NULL; -- the block's writes are rolled back, its variables keep their values
    END;
    RETURN QUERY
    SELECT d.at, d.subject, d.user_id, u.name, d.channel, d.rule_id, d.code, c.outcome, d.detail, cut
    FROM jsonb_populate_recordset(NULL::nightbell.decisions, told) AS d
    JOIN nightbell.decision_codes c ON c.code = d.code
    LEFT JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id
    WHERE person IS NULL OR d.user_id IS NULL OR d.user_id = only_user
    ORDER BY c.stage, d.rule_id, u.name, d.channel;
END
$$;
