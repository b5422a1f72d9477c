-- Decisions: why somebody heard, or did not, in one vocabulary. core/why/decision.def has the sentences of each code.

-- Codes are added, never renamed: decisions are kept that were made with them. stage: their order in the telling.
INSERT INTO nightbell.decision_codes AS c (code, outcome, stage) VALUES
    ('matched', 'note', 10), ('rule_off', 'no', 11), ('module_off', 'no', 12), ('condition_not_met', 'no', 13),
    ('condition_failed', 'no', 14), ('window', 'later', 15), ('unknown_recipient', 'no', 20), ('duplicate_recipient', 'no', 21),
    ('opted_out', 'no', 30), ('below_threshold', 'no', 31), ('no_address', 'no', 32), ('address_disabled', 'no', 33),
    ('no_template', 'no', 40), ('data_invalid', 'no', 41), ('missing_variable', 'note', 42), ('duplicate', 'no', 50),
    ('superseded', 'no', 51), ('quiet_hours', 'later', 60), ('do_not_disturb', 'later', 61), ('held_for_digest', 'later', 62),
    ('over_rate', 'later', 63), ('retimed', 'later', 64), ('in_app', 'yes', 70), ('queued', 'yes', 71), ('digested', 'yes', 72), ('sent', 'yes', 80),
    ('failed', 'no', 81), ('bounced', 'no', 84), ('fallback', 'note', 82), ('cancelled', 'no', 83), ('dead_letter', 'no', 90)
ON CONFLICT (code) DO UPDATE SET outcome = excluded.outcome, stage = excluded.stage
    WHERE (c.outcome, c.stage) IS DISTINCT FROM (excluded.outcome, excluded.stage);

-- Writes one decision, in the transaction that decides. Where there are many, INSERT them with one statement instead.
CREATE OR REPLACE FUNCTION nightbell.decide(tenant uuid, subject text, subject_id text, "user" uuid, channel text, rule text,
                                            code text, detail jsonb DEFAULT NULL, app_event bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM nightbell.decision_codes c WHERE c.code = decide.code) THEN
        RAISE EXCEPTION 'there is no decision "%"', code USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
    VALUES (tenant, nightbell.clock(), subject, subject_id, app_event, "user", channel, rule, code, detail);
END
$$;
