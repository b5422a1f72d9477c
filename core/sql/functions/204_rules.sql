-- Rules: imported, exported and deleted by administrators as JSON documents.

-- A document as import_rules() reads it.
CREATE OR REPLACE FUNCTION nightbell.rule_document(r nightbell.rules) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('rule_id', (r).rule_id, 'event_type', (r).event_type, 'module', (r).module, 'channel', (r).channel,
    'recipient_type', (r).recipient_type, 'recipient_value', (r).recipient_value, 'condition_expr', (r).condition_expr::text,
    'template_code', (r).template_code, 'notification_type', (r).notification_type, 'urgency', (r).urgency,
    'fallback_channels', (r).fallback_channels, 'is_active', (r).is_active);

-- A pattern as it is matched: po_** is po_*. NULL: it is none.
CREATE OR REPLACE FUNCTION nightbell.event_pattern(written text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT CASE WHEN p.pattern ~ '^[^*[:space:][:cntrl:]]{0,99}[^[:space:][:cntrl:]]$' THEN p.pattern END
        FROM (SELECT regexp_replace(btrim(written), '\*+$', '*')) AS p (pattern));

-- Whether a path names a variable ($x): nobody gives it a value, and asking for one is an error, also where errors are silent.
CREATE OR REPLACE FUNCTION nightbell.names_variable(path jsonpath) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(path::text, '"(?:[^"\\]|\\.)*"', '""', 'g') ~ '\$""'; -- names and strings: what they say does not matter

-- What is wrong with a recipient; NULL: nothing. Whether it exists is decided for each app event: people come and go.
CREATE OR REPLACE FUNCTION nightbell.rule_recipient_problem(recipient_type text, recipient_value text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF recipient_type IS NULL OR recipient_type <> ALL ('{role,user,group,tenant,dynamic_field,oncall}') THEN
        RETURN 'recipient_type: expected role, user, group, tenant, dynamic_field or oncall';
    ELSIF recipient_type <> 'tenant' AND coalesce(recipient_value, '') = '' THEN
        RETURN 'recipient_value: expected who it is';
    ELSIF char_length(recipient_value) > 1000 THEN
        RETURN 'recipient_value: expected at most 1000 characters';
    ELSIF recipient_type = 'role' AND recipient_value <> ALL ('{user,operator,producer,admin}') THEN
        RETURN 'recipient_value: expected a role: user, operator, producer or admin';
    ELSIF recipient_type = 'dynamic_field' THEN
        BEGIN
            IF nightbell.names_variable(recipient_value::jsonpath) THEN
                RETURN 'recipient_value: a path into the context has no variables: begin it with $.';
            END IF;
            PERFORM jsonb_path_exists('{}', recipient_value::jsonpath, silent => true);
        EXCEPTION WHEN syntax_error OR data_exception THEN
            RETURN 'recipient_value: expected a path into the context, such as $.po.created_by';
        END;
    END IF;
    RETURN NULL;
END
$$;

-- What is wrong with a condition; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.condition_problem(written text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF octet_length(written) > 8192 THEN
        RETURN 'condition_expr: expected at most 8192 bytes';
    END IF;
    IF nightbell.names_variable(written::jsonpath) THEN
        RETURN 'condition_expr: a condition has no variables: begin its paths with $.';
    END IF;
    PERFORM jsonb_path_exists('{}', written::jsonpath, silent => true);
    -- a path that finds values is always something: what was meant is a comparison
    IF written IS NOT NULL AND written::jsonpath::text !~ '^(strict )?[(!]|^(strict )?exists' THEN
        RETURN 'condition_expr: expected a condition such as $.amount > 100000, not a path';
    END IF;
    RETURN NULL;
EXCEPTION WHEN syntax_error OR data_exception OR program_limit_exceeded THEN
    RETURN 'condition_expr: ' || SQLERRM;
END
$$;

-- What is wrong with a document; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.rule_document_problem(item jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    texts CONSTANT text[] := '{rule_id,event_type,module,recipient_type,recipient_value,condition_expr,template_code,notification_type,urgency}';
    problem CONSTANT text := nightbell.text_member_problem(item, texts, '{rule_id,event_type,recipient_type,notification_type}');
BEGIN
    IF problem IS NOT NULL THEN
        RETURN problem;
    ELSIF item ->> 'rule_id' !~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$' THEN
        RETURN 'rule_id: expected at most 100 of A to Z, a to z, 0 to 9 and _ . : -, a letter or digit first';
    ELSIF nightbell.event_pattern(item ->> 'event_type') IS NULL THEN
        RETURN 'event_type: expected a name such as po_approved, or a prefix with * behind it, without blanks';
    ELSIF item ->> 'module' = '' OR char_length(item ->> 'module') > 100 OR item ->> 'module' ~ '[[:cntrl:]]' THEN
        RETURN 'module: expected 1 to 100 characters, none of them a control character';
    ELSIF item ->> 'urgency' IS NOT NULL AND nightbell.urgency_rank(item ->> 'urgency') IS NULL THEN
        RETURN 'urgency: expected low, normal, high or critical';
    ELSIF item ->> 'template_code' !~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$' THEN
        RETURN 'template_code: expected the code of a template';
    ELSIF item ? 'channel' AND nightbell.channel_list_problem(item -> 'channel', false) IS NOT NULL THEN
        RETURN 'channel: ' || nightbell.channel_list_problem(item -> 'channel', false);
    ELSIF item ? 'fallback_channels' AND nightbell.channel_list_problem(item -> 'fallback_channels', true) IS NOT NULL THEN
        RETURN 'fallback_channels: ' || nightbell.channel_list_problem(item -> 'fallback_channels', true);
    ELSIF item ? 'is_active' AND jsonb_typeof(item -> 'is_active') <> 'boolean' THEN
        RETURN 'is_active: expected true or false';
    END IF;
    RETURN coalesce(nightbell.rule_recipient_problem(item ->> 'recipient_type', item ->> 'recipient_value'),
        nightbell.condition_problem(item ->> 'condition_expr'),
        nightbell.unknown_member(item, texts || '{channel,fallback_channels,is_active}'));
END
$$;

-- Imports one document. Returns whether the rule was added, changed, or already the same.
CREATE OR REPLACE FUNCTION nightbell.import_rule(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    added boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM nightbell.notification_types k WHERE k.type = item ->> 'notification_type') THEN
        PERFORM nightbell.refuse('22023', format('notification_type: there is no notification type "%s"', left(item ->> 'notification_type', 100)),
                                 'nightbell types list shows the types; import the type first.');
    END IF;
    INSERT INTO nightbell.rules AS r (tenant_id, rule_id, event_type, module, channel, recipient_type, recipient_value, condition_expr,
                                      template_code, notification_type, urgency, fallback_channels, is_active)
    VALUES (tenant, item ->> 'rule_id', nightbell.event_pattern(item ->> 'event_type'), item ->> 'module',
            coalesce(nightbell.channel_list(item -> 'channel'), '{in_app}'), item ->> 'recipient_type', nullif(item ->> 'recipient_value', ''),
            (item ->> 'condition_expr')::jsonpath, item ->> 'template_code', item ->> 'notification_type', item ->> 'urgency',
            coalesce(nightbell.channel_list(item -> 'fallback_channels'), '{}'), coalesce((item -> 'is_active')::boolean, true))
    ON CONFLICT (tenant_id, rule_id) DO UPDATE
        SET event_type = excluded.event_type, module = excluded.module, channel = excluded.channel,
            recipient_type = excluded.recipient_type, recipient_value = excluded.recipient_value,
            condition_expr = excluded.condition_expr, template_code = excluded.template_code,
            notification_type = excluded.notification_type, urgency = excluded.urgency,
            fallback_channels = excluded.fallback_channels, is_active = excluded.is_active, updated_at = now()
        WHERE nightbell.rule_document(r)::text IS DISTINCT FROM nightbell.rule_document(excluded)::text
    RETURNING r.xmax = 0 INTO added;
    RETURN CASE WHEN added THEN 'added' WHEN NOT added THEN 'changed' ELSE 'same' END;
END
$$;

-- Imports rules of a tenant from JSON texts, with one outcome each; a bad one does not stop the others.
CREATE OR REPLACE FUNCTION nightbell.import_rules(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'rule_document_problem', 'rule_id', 'import_rule') $$;

-- The rules of a tenant, or the one named, as documents.
CREATE OR REPLACE FUNCTION nightbell.rule_documents(tenant uuid, rule text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT r.rule_id, nightbell.rule_document(r)::text FROM nightbell.rules r
    WHERE r.tenant_id = tenant AND (rule IS NULL OR r.rule_id = rule)
    ORDER BY r.rule_id COLLATE "C";
END
$$;

-- Deletes a rule; false: there is none.
CREATE OR REPLACE FUNCTION nightbell.delete_rule(tenant uuid, rule text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.rules r WHERE r.tenant_id = tenant AND r.rule_id = rule;
    RETURN FOUND;
END
$$;

-- Switches a module of a tenant on or off, and keeps what the application configures for it.
CREATE OR REPLACE FUNCTION nightbell.set_module(tenant uuid, module text, enabled boolean, config jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    INSERT INTO nightbell.module_config AS m (tenant_id, module_code, is_enabled, config_json)
    VALUES (tenant, module, enabled, coalesce(config, '{}'))
    ON CONFLICT (tenant_id, module_code) DO UPDATE SET is_enabled = excluded.is_enabled, config_json = coalesce(config, m.config_json);
END
$$;
