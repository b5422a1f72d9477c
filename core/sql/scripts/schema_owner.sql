-- Behind the definitions: what follows is done as the schema's owner.
SET client_min_messages = warning;
SET ROLE nightbell_owner;
