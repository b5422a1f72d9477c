/* types_test.c - types through the public interface: read, written by administrators, restricted, and the schema of
 * their data. */
#include <string.h>

#include "nightbell.h"
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

static struct cluster *cluster;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cluster_free(&cluster, 0);
    return 0;
}

static struct nb_client *open_as(const char *login, const char *person)
{
    struct nb_client_options options = {.dsn = cluster_dsn(cluster, login),
                                        .token = person ? cluster_token(cluster, person, 3600) : NULL};
    struct nb_client *client = NULL;
    struct nb_error err = {0};

    if (nb_client_open(&client, &options, &err) < 0)
        fail_msg("%s", err.message);
    return client;
}

struct seen {
    size_t count;
    char last[101];
    char *document; /* of CAMPAIGN_COMPLETED */
    bool digest_is_restricted, note_is_free;
};

static void see(void *arg, const struct nb_type_info *type)
{
    struct seen *seen = arg;

    assert_true(strcmp(seen->last, type->type) < 0);
    snprintf(seen->last, sizeof(seen->last), "%s", type->type);
    seen->count++;
    if (strcmp(type->type, "CAMPAIGN_COMPLETED") == 0)
        seen->document = strdup(type->document);
    if (strcmp(type->type, "DIGEST") == 0)
        seen->digest_is_restricted = strcmp(type->restricted_to, "admin,worker") == 0;
    if (strcmp(type->type, "TEST_NOTE") == 0)
        seen->note_is_free = type->restricted_to == NULL;
}

struct told {
    size_t count;
    char text[1000];
};

static void tell(void *arg, size_t index, const char *type, const char *change, const struct nb_error *err)
{
    struct told *told = arg;
    size_t length = strlen(told->text);

    assert_int_equal(index, told->count++);
    snprintf(told->text + length, sizeof(told->text) - length, "%s %s\n", err ? "no" : type,
             err ? err->message : change);
}

static void reads_and_writes_the_catalogue(void **state)
{
    struct nb_client *reader = open_as("nightbell_console", "ada"), *admin = open_as("nightbell_administrator", NULL);
    struct seen seen = {0};
    struct told told = {0};
    struct nb_error err = {0};

    (void)state;
    if (nb_client_types(reader, see, &seen, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(seen.count >= 28);
    assert_true(seen.digest_is_restricted);
    assert_true(seen.note_is_free);
    assert_non_null(strstr(seen.document, "\"campaignId\""));

    const char *documents[] = {seen.document,
                               "",
                               "{\"type\":\"C_ONE\"}",
                               "{\"type\":\"C_ONE\",\"module\":\"c\",\"description\":\"d\"}",
                               "{\"type\":\"C_ONE\",\"module\":\"c\",\"description\":\"e\"}",
                               "\xff"};
    if (nb_client_types_import(admin, documents, 6, tell, &told, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(told.text, "CAMPAIGN_COMPLETED same\n"
                                   "no the item is no JSON that PostgreSQL takes\n"
                                   "no module: expected a string\n"
                                   "C_ONE added\n"
                                   "C_ONE changed\n"
                                   "no the line is not valid UTF-8\n");
    told = (struct told){0};
    assert_int_equal(nb_client_types_import(reader, documents, 1, tell, &told, &err), NB_EDENIED);
    assert_int_equal(told.count, 0);
    assert_int_equal(nb_client_type_delete(reader, "C_ONE", &err), NB_EDENIED);
    assert_int_equal(nb_client_type_delete(admin, "C_ONE", &err), 0);
    assert_int_equal(nb_client_type_delete(admin, "C_ONE", &err), NB_ENOTFOUND);
    free(seen.document);
    nb_client_close(&reader);
    nb_client_close(&admin);
}

static void refuses_restricted_types_and_data_that_does_not_fit(void **state)
{
    struct nb_client *app = open_as("nightbell_producing", "app"), *admin = open_as("nightbell_administrator", NULL);
    struct nb_notify_input input = {.tenant = CLUSTER_ACME,
                                    .user = CLUSTER_ADA,
                                    .type = "DIGEST",
                                    .title = "t",
                                    .message = "m",
                                    .data = "{\"count\":1}"};
    struct nb_error err = {0};
    char id[NB_ID_TEXT_SIZE];

    (void)state;
    assert_int_equal(nb_client_notify(app, &input, id, &err), NB_EDENIED);
    assert_string_equal(err.message, "the type DIGEST may be created by the roles admin, worker only");
    if (nb_client_notify(admin, &input, id, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(nb_client_type_delete(admin, "DIGEST", &err), NB_EINVALID);
    assert_string_equal(err.message, "the type DIGEST is in use: there are notifications of it");
    input.data = "{\"count\":1.5}";
    assert_int_equal(nb_client_notify(admin, &input, id, &err), NB_EINVALID);
    assert_string_equal(err.message, "data of DIGEST at $.count: expected an integer, found a fraction");
    input.data = NULL;
    assert_int_equal(nb_client_notify(admin, &input, id, &err), NB_EINVALID);
    assert_string_equal(err.message, "data of DIGEST at $.count: expected an integer, and it is missing");
    nb_client_close(&app);
    nb_client_close(&admin);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(reads_and_writes_the_catalogue),
               cmocka_unit_test(refuses_restricted_types_and_data_that_does_not_fit))
