-- Lists of deliveries. A tenant's pages come from deliveries_newest (0014); these are for global operators' pages, for dead letters, and for
-- the ways from a delivery to those that came of it. None may name what changes as a delivery is sent (0028): so what is dead is a
-- column of its own, which stays as it is on that way.
ALTER TABLE nightbell.deliveries ADD COLUMN is_dead boolean NOT NULL GENERATED ALWAYS AS (status = 'failed') STORED;
CREATE INDEX deliveries_everywhere ON nightbell.deliveries (id DESC, tenant_id);
CREATE INDEX deliveries_dead ON nightbell.deliveries (tenant_id, id DESC) WHERE is_dead;
CREATE INDEX deliveries_fallbacks ON nightbell.deliveries (tenant_id, fallback_of) WHERE fallback_of IS NOT NULL;
CREATE INDEX deliveries_digested ON nightbell.deliveries (tenant_id, digest_id) WHERE digest_id IS NOT NULL;
