-- How deliveries of the operator's own tenant go; an equality, as for events. The columns that are not granted are what they say and
-- where they go: those are the recipient's, who gets them from delivery_texts().
DROP POLICY IF EXISTS operated ON nightbell.deliveries;
CREATE POLICY operated ON nightbell.deliveries FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.operated_tenant()));
GRANT SELECT (id, tenant_id, user_id, notification_id, app_event, rule_id, type, channel, urgency, priority, template_code, locale, missing,
    status, is_dead, held_for, held_slot, attempts, max_attempts, next_attempt_at, worker, provider, provider_message_id, error, digest_id, fallback_of,
    fallback_channels, created_at, queued_at, sending_at, sent_at, delivered_at, read_at, ended_at, created_xid, changed_xid)
    ON nightbell.deliveries TO nightbell_client;
GRANT SELECT ON nightbell.deliveries_seen, nightbell.deliveries_of_tenant, nightbell.deliveries_of_all_tenants,
    nightbell.deliveries_of_all_tenants_new_older, nightbell.deliveries_of_all_tenants_new_newer TO nightbell_client;
GRANT EXECUTE ON FUNCTION nightbell.delivery_texts(uuid[]), nightbell.delivery_story(uuid), nightbell.deliveries_about(text, text)
    TO nightbell_client;
