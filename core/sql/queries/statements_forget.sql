-- Drops every prepared statement of the session, when its cache is full.
DEALLOCATE ALL
