-- Records which definitions are installed.
-- $1 text: checksum
-- Columns: checksum text
INSERT INTO nightbell.definitions AS d (checksum) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET checksum = excluded.checksum, applied_at = now()
RETURNING d.checksum
