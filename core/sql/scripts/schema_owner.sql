-- After the definitions: the following statements run as the schema's owner.
SET client_min_messages = warning;
SET ROLE nightbell_owner;
