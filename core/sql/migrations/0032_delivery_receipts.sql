-- What is heard of a delivery after it was sent: that it arrived, was opened, came back.

-- The furthest that receipts tell of it, whatever the order in which they came: see receipt_rank().
ALTER TABLE nightbell.deliveries ADD COLUMN receipt text
    CHECK (receipt IN ('queued', 'sending', 'sent', 'deferred', 'delivered', 'opened', 'clicked', 'bounced', 'failed', 'complained'));
-- Receipts name a delivery by its id alone. Never updated, so updates of deliveries stay within their page.
CREATE INDEX deliveries_id ON nightbell.deliveries (id, tenant_id, user_id);
-- Or by what the provider calls it.
CREATE INDEX attempts_message ON nightbell.attempts (message_id, tenant_id, user_id) WHERE message_id IS NOT NULL;

-- Every receipt of a delivery that there is, also those that changed nothing.
CREATE TABLE nightbell.delivery_receipts (
    tenant_id   uuid NOT NULL,
    user_id     uuid NOT NULL,
    delivery_id uuid NOT NULL,
    at          timestamptz NOT NULL, -- when it was imported
    told_at     timestamptz,          -- when it happened, as the provider says
    status      text NOT NULL,
    code        text CHECK (octet_length(code) <= 100),
    detail      text CHECK (octet_length(detail) <= 4000),
    recipient   text CHECK (octet_length(recipient) <= 400), -- masked
    change      text NOT NULL CHECK (change IN ('taken', 'history', 'copy'))
) PARTITION BY RANGE (at);
CREATE TABLE nightbell.delivery_receipts_default PARTITION OF nightbell.delivery_receipts DEFAULT;
CREATE INDEX delivery_receipts_delivery ON nightbell.delivery_receipts (tenant_id, delivery_id, at);
