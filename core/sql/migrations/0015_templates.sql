-- Templates: the texts of what is sent, by code, channel and locale. A change makes a new version; the last ten are kept.
-- Only definer functions write these tables.

CREATE TABLE nightbell.templates (
    tenant_id     uuid NOT NULL REFERENCES nightbell.tenants,
    template_code text NOT NULL CHECK (template_code ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$'),
    version       int NOT NULL CHECK (version > 0),
    is_active     boolean NOT NULL DEFAULT true, -- the version that is rendered
    description   text CHECK (char_length(description) BETWEEN 1 AND 1000),
    -- what its texts may mention: [{name, type, required, default, description}]
    variables     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(variables) = 'array'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, template_code, version)
);
CREATE UNIQUE INDEX templates_active ON nightbell.templates (tenant_id, template_code) WHERE is_active;

-- channel *: of every channel that has no text of its own. locale default: of everybody whose language has none.
CREATE TABLE nightbell.template_texts (
    tenant_id     uuid NOT NULL,
    template_code text NOT NULL,
    version       int NOT NULL,
    channel       text NOT NULL CHECK (channel IN ('*', 'in_app', 'email', 'push', 'sms', 'webhook')),
    locale        text NOT NULL CHECK (locale = 'default' OR locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    subject       text CHECK (octet_length(subject) <= 65536),
    body_template text NOT NULL CHECK (octet_length(body_template) <= 65536),
    html_template text CHECK (octet_length(html_template) <= 65536),
    cc            text[] NOT NULL DEFAULT '{}', -- addresses, which may be templates too
    bcc           text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, template_code, version, channel, locale),
    FOREIGN KEY (tenant_id, template_code, version) REFERENCES nightbell.templates ON DELETE CASCADE
);
