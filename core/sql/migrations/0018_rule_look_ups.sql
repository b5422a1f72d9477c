-- Who has a role, and whom an address means, without reading the tenant's people.
CREATE INDEX user_roles_role ON nightbell.user_roles (tenant_id, role, user_id);
CREATE INDEX IF NOT EXISTS users_email ON nightbell.users (tenant_id, lower(email)) WHERE deleted_at IS NULL AND email IS NOT NULL;
