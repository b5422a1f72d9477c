-- Ends schema_owner.
RESET ROLE;
RESET client_min_messages;
