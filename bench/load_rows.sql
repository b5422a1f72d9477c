-- Inserts every second of the rows that load_begin.sql describes, beginning with the one that psql's variable part (0 or 1) names:
-- two sessions do half each at the same time.
SET session_replication_role = replica;
SET synchronous_commit = off;
INSERT INTO nightbell.notifications (id, tenant_id, user_id, actor_id, actor_name, type, title, message, data, created_at, updated_at, read_at)
SELECT (lpad(to_hex(t.ms), 12, '0') || '7000' || '8' || substr(r.id::text, 35, 2) || lpad(to_hex(n.i), 13, '0'))::uuid,
       :'ACME', r.id, :'APP', 'The application',
       (ARRAY['BOOKING_CREATED', 'PAYMENT_RECEIVED', 'SYSTEM_EVENT', 'INVOICE_OVERDUE', 'QUOTA_WARNING'])[1 + n.i % 5],
       'bench row ' || n.i, 'Message ' || n.i || ' of a load that is only there to be read, as long as most of them are.',
       CASE WHEN n.i % 4 = 0 THEN jsonb_build_object('number', n.i) END,
       to_timestamp(t.ms / 1000.0), to_timestamp(t.ms / 1000.0),
       CASE WHEN n.i % 10 <> 0 THEN to_timestamp(t.ms / 1000.0) END
FROM bench.readers AS r,
     LATERAL generate_series(1 + :part, r.rows, 2) AS n (i),
     LATERAL (SELECT ((extract(epoch FROM now()) - (r.rows - n.i + 1) * 31000000.0 / r.rows) * 1000)::bigint) AS t (ms);
