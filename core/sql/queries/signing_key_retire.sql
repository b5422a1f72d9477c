-- Retires a signing key, never later than already set (administrators). No row when there is no such key.
-- $1 text: kid · $2 bigint: microseconds from now
-- Columns: retired_at timestamptz, remaining bigint (keys to sign with)
WITH retired AS (
    UPDATE nightbell.signing_keys AS k
    SET retired_at = least(k.retired_at, statement_timestamp() + $2::bigint * interval '1 microsecond')
    WHERE k.kid = $1::text
    RETURNING k.kid, k.retired_at
)
SELECT r.retired_at,
    (SELECT count(*) FROM nightbell.signing_keys AS k WHERE k.retired_at IS NULL AND k.kid <> r.kid) AS remaining
FROM retired AS r
