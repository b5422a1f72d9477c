-- Who is bothered by a delivery is a host where there are many: delivery_endpoint(). Its answers are recorded once, by the number of the try
-- that they are for. Workers tell by which channels they send.

-- attempt: the number of the next answer, as attempts of the delivery say it, from 1.
ALTER TABLE nightbell.delivery_queue ADD COLUMN attempt int NOT NULL DEFAULT 1;
UPDATE nightbell.delivery_queue q SET attempt = d.attempts + 1
FROM nightbell.deliveries d WHERE d.tenant_id = q.tenant_id AND d.user_id = q.user_id AND d.id = q.delivery_id AND d.attempts > 0;

ALTER TABLE nightbell.workers ADD COLUMN channels text[]; -- NULL: it sends nothing
