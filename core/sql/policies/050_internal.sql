-- Tables that clients and producers never read. The administrator manages keys and identities, but not the doorbell's
-- secret.

DROP POLICY IF EXISTS administer ON nightbell.role_identities;
CREATE POLICY administer ON nightbell.role_identities TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.role_identities TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.signing_keys;
CREATE POLICY administer ON nightbell.signing_keys TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.signing_keys TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.revoked_tokens;
CREATE POLICY administer ON nightbell.revoked_tokens TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.revoked_tokens TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.installation;
CREATE POLICY administer ON nightbell.installation TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT (only_row, partition_span), UPDATE (partition_span) ON nightbell.installation TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.migrations;
CREATE POLICY administer ON nightbell.migrations FOR SELECT TO nightbell_admin USING (true);
GRANT SELECT ON nightbell.migrations TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.definitions;
CREATE POLICY administer ON nightbell.definitions FOR SELECT TO nightbell_admin USING (true);
GRANT SELECT ON nightbell.definitions TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.archives;
CREATE POLICY administer ON nightbell.archives FOR SELECT TO nightbell_admin USING (true);
GRANT SELECT ON nightbell.archives TO nightbell_admin;
