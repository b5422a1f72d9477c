-- Tenants, people, groups. Clients read names; the administrator manages. A global operator gets the names of other
-- tenants with their events (events_of_all_tenants), not from here.

DROP POLICY IF EXISTS own ON nightbell.tenants;
CREATE POLICY own ON nightbell.tenants FOR SELECT TO nightbell_client
    USING (id = (SELECT nightbell.home_tenant()));
DROP POLICY IF EXISTS administer ON nightbell.tenants;
CREATE POLICY administer ON nightbell.tenants TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT (id, name) ON nightbell.tenants TO nightbell_client;
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.tenants TO nightbell_admin;

-- Only names, of actors and operators. Operators get e-mail addresses through people_find().
DROP POLICY IF EXISTS own_tenant ON nightbell.users;
CREATE POLICY own_tenant ON nightbell.users FOR SELECT TO nightbell_client
    USING (tenant_id = (SELECT nightbell.home_tenant()));
DROP POLICY IF EXISTS administer ON nightbell.users;
CREATE POLICY administer ON nightbell.users TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, id, name, deleted_at) ON nightbell.users TO nightbell_client;
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.users TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.user_roles;
CREATE POLICY administer ON nightbell.user_roles TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.user_roles TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.groups;
CREATE POLICY administer ON nightbell.groups TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.groups TO nightbell_admin;

DROP POLICY IF EXISTS administer ON nightbell.group_members;
CREATE POLICY administer ON nightbell.group_members TO nightbell_admin USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON nightbell.group_members TO nightbell_admin;
