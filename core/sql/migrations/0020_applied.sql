-- What `nightbell apply` brought, so that --prune deletes nothing else. Of the installation (types): the nil tenant.
CREATE TABLE nightbell.applied (
    tenant_id  uuid NOT NULL,
    kind       text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 100),
    key        text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, key)
);
