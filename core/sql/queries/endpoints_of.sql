-- A person's endpoints, the oldest first.
-- $1 text: the tenant's name or UUID (NULL: one's own); $2 text: the person (NULL: oneself)
-- Columns: id uuid, channel, address, label text, created_at, verified_at, disabled_at timestamptz, disabled_reason text,
--          last_success_at, failing_since timestamptz, secret_version int, former_until timestamptz
SELECT e.id, e.channel, e.address, e.label, e.created_at, e.verified_at, e.disabled_at, e.disabled_reason, e.last_success_at, e.failing_since,
    e.secret_version, e.former_until
FROM nightbell.endpoints_of($1::text, $2::text) AS e
