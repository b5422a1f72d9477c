-- The notification types, by name.
-- Columns: type, module, description, urgency, channels, restricted_to (NULL: every producer), document (JSON) text
SELECT t.type, t.module, t.description, t.urgency::text AS urgency, array_to_string(t.default_channels, ',') AS channels,
    array_to_string(t.restricted_to, ',') AS restricted_to, nightbell.type_document(t)::text AS document
FROM nightbell.notification_types AS t
ORDER BY t.type COLLATE "C"
