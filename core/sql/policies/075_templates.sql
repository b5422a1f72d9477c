-- Templates are read and written by definer functions only: no policy but the owner's, no grant on the tables.

-- administrators, and people whose token has the role admin; require_administrator() decides
GRANT EXECUTE ON FUNCTION
    nightbell.import_templates(uuid, text[]), nightbell.template_documents(uuid, text, int), nightbell.delete_template(uuid, text),
    nightbell.template_preview(uuid, jsonb, text)
    TO nightbell_client, nightbell_admin;

-- they, and the worker; require_renderer() decides
GRANT EXECUTE ON FUNCTION
    nightbell.template_versions(uuid, text[]), nightbell.template_texts_for(uuid, text, text)
    TO nightbell_client, nightbell_worker, nightbell_admin;
