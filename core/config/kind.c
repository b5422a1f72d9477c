/*
 * kind.c - the table of kinds.
 */
#include "config/kind.h"

#include <string.h>

#include "base/base.h"
#include "base/limits.h"

/* What others refer to comes first. */
static const struct nb_config_kind kinds[] = {
    {.name = "types",
     .one = "notification type",
     .key = "type",
     .document_max = NB_TYPE_LINE_MAX,
     .import = NB_SQL_TYPES_IMPORT,
     .documents = NB_SQL_TYPES_DOCUMENTS,
     .removal = NB_SQL_TYPE_DELETE},
    {.name = "users",
     .one = "user",
     .key = "id",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .batch = 1000,
     .is_of_a_tenant = true,
     .is_personal = true,
     .csv_list = "roles",
     .import = NB_SQL_USERS_IMPORT,
     .documents = NB_SQL_USERS_DOCUMENTS,
     .removal = NB_SQL_USER_DELETE},
    {.name = "groups",
     .one = "group",
     .key = "group",
     .document_max = NB_GROUP_LINE_MAX,
     .is_of_a_tenant = true,
     .import = NB_SQL_GROUPS_IMPORT,
     .documents = NB_SQL_GROUPS_DOCUMENTS,
     .removal = NB_SQL_GROUP_DELETE},
    {.name = "devices",
     .one = "device",
     .key = "id",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .is_personal = true,
     .import = NB_SQL_DEVICES_IMPORT,
     .documents = NB_SQL_DEVICES_DOCUMENTS,
     .removal = NB_SQL_DEVICE_DELETE},
    {.name = "endpoints",
     .one = "endpoint",
     .key = "id",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .is_personal = true,
     .import = NB_SQL_ENDPOINTS_IMPORT,
     .documents = NB_SQL_ENDPOINTS_DOCUMENTS,
     .removal = NB_SQL_ENDPOINT_DELETE},
    {.name = "addresses",
     .one = "address",
     .key = "address",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .is_personal = true,
     .import = NB_SQL_ADDRESSES_IMPORT,
     .documents = NB_SQL_ADDRESSES_DOCUMENTS,
     .removal = NB_SQL_ADDRESS_DELETE},
    {.name = "templates",
     .one = "template",
     .key = "template_code",
     .document_max = NB_TEMPLATE_LINE_MAX,
     .is_of_a_tenant = true,
     .import = NB_SQL_TEMPLATES_IMPORT,
     .documents = NB_SQL_TEMPLATES_DOCUMENTS,
     .removal = NB_SQL_TEMPLATE_DELETE},
    {.name = "episodes",
     .one = "event type",
     .key = "event_type",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .import = NB_SQL_EVENT_TYPES_IMPORT,
     .documents = NB_SQL_EVENT_TYPES_DOCUMENTS,
     .removal = NB_SQL_EVENT_TYPE_DELETE},
    {.name = "windows",
     .one = "maintenance window",
     .key = "window",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .import = NB_SQL_WINDOWS_IMPORT,
     .documents = NB_SQL_WINDOWS_DOCUMENTS,
     .removal = NB_SQL_WINDOW_DELETE},
    {.name = "heartbeats",
     .one = "heartbeat",
     .key = "heartbeat",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .import = NB_SQL_HEARTBEATS_IMPORT,
     .documents = NB_SQL_HEARTBEATS_DOCUMENTS,
     .removal = NB_SQL_HEARTBEAT_DELETE},
    {.name = "rules",
     .one = "rule",
     .key = "rule_id",
     .document_max = NB_DOCUMENT_LINE_MAX,
     .is_of_a_tenant = true,
     .import = NB_SQL_RULES_IMPORT,
     .documents = NB_SQL_RULES_DOCUMENTS,
     .removal = NB_SQL_RULE_DELETE},
};

const struct nb_config_kind *nb_config_kind_find(const char *name)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct nb_config_kind *nb_config_kinds(size_t *count)
{
    *count = NB_ARRAY_SIZE(kinds);
    return kinds;
}
