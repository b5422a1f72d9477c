-- The demonstration's people: two tenants, their users, and one global operator. Helper tables and functions are in the
-- schema nightbell_demo, which is removed with the demonstration.
BEGIN;
CREATE SCHEMA nightbell_demo;
REVOKE ALL ON SCHEMA nightbell_demo FROM PUBLIC;
GRANT USAGE ON SCHEMA nightbell_demo TO nightbell_client, nightbell_producer;
ALTER DEFAULT PRIVILEGES IN SCHEMA nightbell_demo GRANT SELECT ON TABLES TO nightbell_client, nightbell_producer;

CREATE TABLE nightbell_demo.tenants (id uuid PRIMARY KEY, name text NOT NULL);
INSERT INTO nightbell_demo.tenants VALUES
    ('acace000-0000-4000-8000-000000000001', 'acme'),
    ('910be000-0000-4000-8000-000000000002', 'globex');

CREATE TABLE nightbell_demo.people (
    ordinal   int GENERATED ALWAYS AS IDENTITY,
    name      text PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES nightbell_demo.tenants,
    user_id   uuid NOT NULL UNIQUE,
    is_global boolean NOT NULL,
    roles     text[] NOT NULL,
    locale    text NOT NULL,
    time_zone text NOT NULL,
    letters   int NOT NULL, -- how many notifications the person gets
    about     text NOT NULL
);
INSERT INTO nightbell_demo.people (name, tenant_id, user_id, is_global, roles, locale, time_zone, letters, about)
SELECT p.name, t.id, ('00000000-0000-4000-a000-' || lpad(to_hex(p.number), 12, '0'))::uuid, p.is_global,
       string_to_array(p.roles, ' '), p.locale, p.time_zone, p.letters, p.about
  FROM (VALUES
    (10, 'ada',    'acme',   false, 'user',          'en-GB', 'Europe/London',       1400, 'a user: reads her inbox'),
    (11, 'bob',    'acme',   false, 'user operator', 'en-US', 'America/New_York',     900, 'an operator: triages events, has an inbox too'),
    (12, 'carol',  'acme',   false, 'user operator', 'en-US', 'America/Chicago',      400, 'bob''s colleague: acts while `demo live` runs'),
    (13, 'emilie', 'acme',   false, 'user',          'fr-FR', 'Europe/Paris',         500, 'a user, in French'),
    (14, 'kenji',  'acme',   false, 'user',          'ja-JP', 'Asia/Tokyo',           500, 'a user, in Japanese'),
    (15, 'fatima', 'acme',   false, 'user',          'ar-EG', 'Africa/Cairo',         400, 'a user, in Arabic'),
    (16, 'olga',   'acme',   true,  'user operator', 'ru-RU', 'Europe/Berlin',        200, 'a global operator: every tenant''s events'),
    (20, 'gina',   'globex', false, 'user operator', 'it-IT', 'Europe/Rome',          500, 'an operator of the other tenant'),
    (21, 'hank',   'globex', false, 'user',          'en-US', 'America/Los_Angeles',  500, 'a user of the other tenant'),
    (22, 'noa',    'globex', false, 'user',          'he-IL', 'Asia/Jerusalem',       300, 'a user, in Hebrew')
  ) AS p (number, name, tenant, is_global, roles, locale, time_zone, letters, about)
  JOIN nightbell_demo.tenants t ON t.name = p.tenant
 ORDER BY p.number;

INSERT INTO nightbell.tenants (id, name) SELECT id, name FROM nightbell_demo.tenants;
INSERT INTO nightbell.users (tenant_id, id, name, email, phone, locale, time_zone)
SELECT p.tenant_id, p.user_id, p.name, p.name || '@' || t.name || '.example',
       CASE WHEN 'operator' = ANY (p.roles) THEN '+1202555' || lpad(p.ordinal::text, 4, '0') END, p.locale, p.time_zone
  FROM nightbell_demo.people p JOIN nightbell_demo.tenants t ON t.id = p.tenant_id;
INSERT INTO nightbell.user_roles (tenant_id, user_id, role)
SELECT p.tenant_id, p.user_id, unnest(p.roles) FROM nightbell_demo.people p;
INSERT INTO nightbell.groups (tenant_id, id, name)
SELECT id, ('00000000-0000-4000-a000-' || lpad(to_hex(100 + row_number() OVER (ORDER BY name)), 12, '0'))::uuid, 'on call'
  FROM nightbell_demo.tenants;
INSERT INTO nightbell.group_members (tenant_id, group_id, user_id)
SELECT p.tenant_id, g.id, p.user_id
  FROM nightbell_demo.people p JOIN nightbell.groups g ON g.tenant_id = p.tenant_id AND g.name = 'on call'
 WHERE 'operator' = ANY (p.roles) AND NOT p.is_global;
COMMIT;
