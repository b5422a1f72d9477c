-- What apply brought: administrators reach it through the functions alone.

GRANT EXECUTE ON FUNCTION nightbell.applied_keys(text, boolean, text, text), nightbell.note_applied(text, boolean, text, text, text[], boolean)
    TO nightbell_client, nightbell_admin;
