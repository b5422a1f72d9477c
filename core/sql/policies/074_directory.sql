-- administrators, and people whose token has the role admin; require_administrator() decides
GRANT EXECUTE ON FUNCTION
    nightbell.import_users(uuid, text[]), nightbell.user_documents(uuid, text), nightbell.delete_user(uuid, text),
    nightbell.import_groups(uuid, text[]), nightbell.group_documents(uuid, text), nightbell.delete_group(uuid, text),
    nightbell.import_devices(uuid, text[]), nightbell.device_documents(uuid, text), nightbell.delete_device(uuid, text),
    nightbell.import_endpoints(uuid, text[]), nightbell.endpoint_documents(uuid, text), nightbell.delete_endpoint(uuid, text),
    nightbell.import_addresses(uuid, text[]), nightbell.address_documents(uuid, text), nightbell.delete_address(uuid, text)
    TO nightbell_client, nightbell_admin;
