-- What a person reads. The policies are equalities on the leading columns of the indexes: an OR would prevent ordered
-- scans. The pair is compared as a whole, so that the token is checked once per table. Nobody writes directly, only
-- inbox_set_state(), so that a time once set stays, and announcements get their receipts. Withdrawn and expired rows
-- are invisible to their readers, even in psql; rows that a reader deleted stay visible to them, for an undo.

DROP POLICY IF EXISTS own ON nightbell.notifications;
CREATE POLICY own ON nightbell.notifications FOR SELECT TO nightbell_client
    USING ((tenant_id, user_id) = (SELECT who.home_tenant_id, who.user_id FROM nightbell.claims() who)
           AND (expires_at IS NULL OR expires_at > now()));
GRANT SELECT ON nightbell.notifications TO nightbell_client;

DROP POLICY IF EXISTS own_tenant ON nightbell.announcements;
CREATE POLICY own_tenant ON nightbell.announcements FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.home_tenant()) AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > now()));
GRANT SELECT ON nightbell.announcements TO nightbell_client;

DROP POLICY IF EXISTS own ON nightbell.receipts;
CREATE POLICY own ON nightbell.receipts FOR SELECT TO nightbell_client
    USING ((tenant_id, user_id) = (SELECT who.home_tenant_id, who.user_id FROM nightbell.claims() who));
GRANT SELECT ON nightbell.receipts TO nightbell_client;

DROP POLICY IF EXISTS everybody ON nightbell.notification_types;
CREATE POLICY everybody ON nightbell.notification_types FOR SELECT TO nightbell_client, nightbell_producer USING (true);
DROP POLICY IF EXISTS administer ON nightbell.notification_types;
CREATE POLICY administer ON nightbell.notification_types TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT ON nightbell.notification_types TO nightbell_client, nightbell_producer;
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.notification_types TO nightbell_admin;

GRANT SELECT ON nightbell.inbox, nightbell.inbox_notifications, nightbell.inbox_announcements, nightbell.inbox_with_deleted,
    nightbell.notifications_with_deleted, nightbell.announcements_with_deleted TO nightbell_client;
