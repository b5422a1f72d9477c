/* channels.conf: what it may say, what is said about what it may not; the senders that come of it. */
#include "tests/lib/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/words.h"
#include "channels/channels.h"

static char directory[64];
static char *path;

static int setup(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/nbt.channels.XXXXXX");
    assert_non_null(mkdtemp(directory));
    path = nb_asprintf("%s/channels.conf", directory);
    setenv("XDG_CONFIG_HOME", directory, 1);
    unsetenv("NIGHTBELL_CHANNELS");
    return 0;
}

static int teardown(void **state)
{
    char *command = nb_asprintf("rm -rf '%s'", directory);

    (void)state;
    assert_int_equal(system(command), 0);
    free(command);
    nb_free(&path);
    return 0;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, mode), 0);
}

static struct nb_channels *read_good(const char *text)
{
    struct nb_channels *channels = NULL;
    struct nb_error err;

    write_file(path, text, 0644);
    if (nb_channels_read(&channels, path, NULL, NULL, &err) < 0)
        fail_msg("%s", err.message);
    return channels;
}

static void complain(void *arg, const char *file, unsigned line, const char *message)
{
    assert_string_equal(file, path);
    nb_strbuf_appendf(arg, "%u: %s\n", line, message);
}

/* All problems, one a line, as a complaint and, of the first one, as an error. */
static void refused(const char *text, const char *problems)
{
    struct nb_channels *channels = NULL;
    struct nb_strbuf told;
    struct nb_error err;
    char *first;

    write_file(path, text, 0644);
    nb_strbuf_init(&told, 1 << 16);
    assert_int_equal(nb_channels_read(&channels, path, complain, &told, &err), 0);
    assert_string_equal(told.data, problems);
    nb_channels_free(&channels);
    assert_int_equal(nb_channels_read(&channels, path, NULL, NULL, &err), NB_EINVALID);
    assert_null(channels);
    first = nb_asprintf("%s:%.*s", path, (int)strcspn(problems, "\n"), problems);
    assert_string_equal(err.message, first);
    free(first);
    nb_strbuf_clear(&told);
}

static void says_what_a_channel_is(void **state)
{
    struct nb_channels *channels = read_good("[network]\n"
                                             "public_url = https://notify.example.org/base/\n"
                                             "[channel.email]\n"
                                             "kind = null   # for now\n"
                                             "retries = 10s 1m 2h\n"
                                             "in_flight = 3\n"
                                             "[channel.chat]\n"
                                             "kind = null\n"
                                             "retries = none\n");
    const struct nb_channel *email = nb_channels_find(channels, "email"), *chat = nb_channels_find(channels, "chat");
    const int64_t *spans;
    size_t count;

    (void)state;
    assert_int_equal(channels->list.count, 2);
    assert_null(nb_channels_find(channels, "sms"));
    assert_string_equal(email->ops->kind, "null");
    assert_int_equal(email->line, 4);
    spans = nb_channel_spans_ms(email, "retries", &count);
    assert_int_equal(count, 3);
    assert_int_equal(spans[0], 10000);
    assert_int_equal(spans[2], 2 * 3600 * 1000);
    assert_int_equal(nb_channel_number(email, "in_flight"), 3);
    nb_channel_spans_ms(chat, "retries", &count);
    assert_int_equal(count, 0);
    assert_string_equal(nb_channel_text(&channels->network, "public_url"), "https://notify.example.org/base/");
    assert_null(nb_channel_text(&channels->network, "allow"));
    nb_channels_free(&channels);
}

static void has_defaults(void **state)
{
    struct nb_channels *channels = read_good("[channel.email]\nkind = null\n");
    const struct nb_channel *email = nb_channels_find(channels, "email");
    const int64_t *spans;
    size_t count;

    (void)state;
    spans = nb_channel_spans_ms(email, "retries", &count);
    assert_int_equal(count, 3);
    assert_int_equal(spans[1], 5 * 60 * 1000);
    assert_int_equal(nb_channel_number(email, "in_flight"), 10);
    assert_int_equal(nb_channel_number(email, "time_limit"), 30000);
    nb_channels_free(&channels);
}

static void names_the_line_and_the_nearest_name(void **state)
{
    (void)state;
    refused("[channel.email]\nkind = null\nretrise = 1m\n", "3: there is no option retrise: did you mean retries?\n");
    refused("[channel.email]\nkind = null\npassword = x\n", "3: there is no option password\n");
    refused("[channel.email]\nkind = nul\n", "2: there is no kind nul: did you mean null?\n");
    refused("[channel.email]\nkind = carrier_pigeon\n", "2: there is no kind carrier_pigeon\n");
    refused("[chanel.email]\nkind = null\n", "2: there is no section chanel.email\n");
    refused("[netwrok]\nallow = x\n", "2: there is no section netwrok: did you mean network?\n");
    refused("kind = null\n", "1: expected a section [channel.NAME] first\n");
    refused("[channel.email]\nin_flight = 2\n", "2: [channel.email] lacks kind\n");
    refused("[channel.email]\nkind = null\nin_flight = 2\nin_flight = 3\n",
            "4: in_flight: line 3 has said it already\n");
}

static void refuses_values_that_mean_nothing(void **state)
{
    (void)state;
    refused("[channel.a]\nkind = null\nretries = 1m soon\nin_flight = 0\ntime_limit = 8d\n",
            "3: retries: expected a span from 1s to 7d, such as 30s or 5m\n"
            "4: in_flight: expected a number from 1 to 10,000\n"
            "5: time_limit: expected a span from 1s to 7d, such as 30s or 5m\n");
    refused("[channel.a]\nkind = null\nretries =\n",
            "3: retries: expected up to 20 spans, such as 1m 5m 30m, or none\n");
    refused("[channel.a]\nkind = null\nin_flight = 10001\n", "3: in_flight: expected a number from 1 to 10,000\n");
    refused("[channel.a]\nkind = null\nin_flight = 3x\n", "3: in_flight: expected a number from 1 to 10,000\n");
    refused("[network]\npublic_url = example.org\n", "2: public_url: expected a URL, such as https://example.org\n");
    refused("[network]\npublic_url = https:///x\n", "2: public_url: expected a URL, such as https://example.org\n");
    refused("[network]\npublic_url = https://ada:secret@example.org\n",
            "2: public_url: expected a URL without a name and password: they have options of their own\n");
}

static void refuses_names_that_no_channel_has(void **state)
{
    static const char good[] = "a channel's name has small letters, digits and _, at most 20, a letter first";
    char *problems = nb_asprintf("2: [channel.E-Mail]: %s\n4: [channel.2nd]: %s\n", good, good);

    (void)state;
    refused("[channel.E-Mail]\nkind = null\n[channel.2nd]\nkind = null\n", problems);
    refused("[channel.in_app]\nkind = null\n",
            "2: [channel.in_app]: the inbox is no channel that anything is sent by\n");
    free(problems);
}

static void is_found_where_it_is_said(void **state)
{
    char *mine = nb_asprintf("%s/nightbell/channels.conf", directory), *folder = nb_asprintf("%s/nightbell", directory);
    struct nb_channels *channels = NULL;
    struct nb_error err;
    char *found;

    (void)state;
    assert_int_equal(mkdir(folder, 0700), 0);
    write_file(mine, "", 0600);
    found = nb_channels_path(NULL);
    assert_string_equal(found, mine);
    free(found);
    setenv("NIGHTBELL_CHANNELS", "/from/the/environment", 1);
    found = nb_channels_path(NULL);
    assert_string_equal(found, "/from/the/environment");
    free(found);
    found = nb_channels_path("/from/the/option");
    assert_string_equal(found, "/from/the/option");
    free(found);
    assert_int_equal(nb_channels_read(&channels, NULL, NULL, NULL, &err), NB_ENOTFOUND);
    unsetenv("NIGHTBELL_CHANNELS");
    assert_int_equal(unlink(mine), 0);
    if (access("/etc/nightbell/channels.conf", F_OK) != 0) {
        assert_int_equal(nb_channels_read(&channels, NULL, NULL, NULL, &err), 0);
        assert_null(channels->file);
        assert_int_equal(channels->list.count, 0);
        nb_channels_free(&channels);
    }
    free(mine);
    free(folder);
}

static void is_refused_where_others_can_write_it(void **state)
{
    struct nb_channels *channels = NULL;
    struct nb_error err;

    (void)state;
    write_file(path, "[channel.email]\nkind = null\n", 0666);
    assert_int_equal(nb_channels_read(&channels, path, NULL, NULL, &err), NB_EDENIED);
    assert_non_null(strstr(err.message, "can be changed by others"));
}

/* ---- secrets ---- */

static const struct nb_channel_option secret_options[] = {
    {.name = "password", .type = NB_OPTION_SECRET},
    {NULL},
};

static int secret_of(char *text, const char *value, bool is_variable, struct nb_error *err)
{
    const struct nb_channel_value said = {
        .option = secret_options, .text = (char *)value, .is_variable = is_variable, .line = 7};
    struct nb_channel channel = {.file = "channels.conf", .line = 2};
    struct nb_private_file secret;
    int rc;

    nb_vec_push(&channel.values, said);
    rc = nb_channel_secret(&secret, &channel, "password", err);
    strcpy(text, secret.data ? secret.data : "");
    nb_private_file_clear(&secret);
    nb_vec_clear(&channel.values);
    return rc;
}

static void reads_secrets_from_private_places_only(void **state)
{
    char *file = nb_asprintf("%s/secret", directory), text[200];
    struct nb_error err;

    (void)state;
    write_file(file, "hunter2\r\n", 0600);
    assert_int_equal(secret_of(text, file, false, &err), 0);
    assert_string_equal(text, "hunter2");
    write_file(file, "hunter2\n", 0640);
    assert_int_equal(secret_of(text, file, false, &err), NB_EDENIED);
    assert_memory_equal(err.message, "channels.conf:7: password", 25);
    assert_null(strstr(err.message, "hunter2"));
    assert_memory_equal(err.hint, "chmod 600", 9);
    write_file(file, "\n", 0600);
    assert_int_equal(secret_of(text, file, false, &err), NB_EINVALID);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(secret_of(text, file, false, &err), NB_ENOTFOUND);
    setenv("MAIL_PASSWORD", "from outside", 1);
    assert_int_equal(secret_of(text, "MAIL_PASSWORD", true, &err), 0);
    assert_string_equal(text, "from outside");
    unsetenv("MAIL_PASSWORD");
    assert_int_equal(secret_of(text, "MAIL_PASSWORD", true, &err), NB_EINVALID);
    assert_string_equal(err.message, "channels.conf:7: the variable MAIL_PASSWORD is not set");
    free(file);
}

/* ---- senders ---- */

static void on_answer(void *arg, const struct nb_send_answer *answer)
{
    assert_int_equal(answer->outcome, NB_SEND_SENT);
    (*(int *)arg)++;
}

static void the_null_sender_answers_in_the_next_turn(void **state)
{
    struct nb_channels *channels =
        read_good("[network]\npublic_url = https://a.example//\n[channel.email]\nkind = null\n");
    struct nb_senders *senders = NULL;
    struct nb_message message = {.channel = "email", .target.address = "ada@example.org"};
    struct nb_loop *loop = NULL;
    struct nb_send *send = NULL, *other = NULL;
    struct nb_sender *sender;
    struct nb_error err;
    int answers = 0;

    (void)state;
    assert_int_equal(nb_loop_new(&loop, &err), 0);
    assert_int_equal(nb_senders_new(&senders, loop, channels, &err), 0);
    assert_int_equal(nb_senders_count(senders), 1);
    assert_string_equal(nb_senders_public_url(senders), "https://a.example");
    assert_null(nb_senders_find(senders, "sms"));
    sender = nb_senders_find(senders, "email");
    assert_ptr_equal(sender, nb_senders_at(senders, 0));
    assert_string_equal(nb_sender_endpoint(sender, &message), "email");
    assert_int_equal(nb_sender_check_address(sender, "anything", &err), 0);
    assert_int_equal(nb_sender_check_address(sender, "", &err), NB_EINVALID);
    assert_int_equal(nb_sender_send(&send, sender, &message, on_answer, &answers, &err), 0);
    assert_int_equal(nb_sender_send(&other, sender, &message, on_answer, &answers, &err), 0);
    assert_int_equal(answers, 0);
    nb_send_cancel(&other);
    assert_null(other);
    for (int i = 0; i < 3; i++)
        assert_int_equal(nb_loop_turn(loop, 0, &err), 0);
    assert_int_equal(answers, 1);
    nb_senders_free(&senders);
    nb_channels_free(&channels);
    nb_loop_free(&loop);
}

static void measures_how_far_names_are_apart(void **state)
{
    (void)state;
    assert_int_equal(nb_word_distance("", "abc"), 3);
    assert_int_equal(nb_word_distance("smtp", "smtp"), 0);
    assert_int_equal(nb_word_distance("smpt", "smtp"), 1);
    assert_int_equal(nb_word_distance("command", "comand"), 1);
    assert_int_equal(nb_word_distance("kitten", "sitting"), 3);
    assert_true(nb_word_is_near("comand", 1));
    assert_false(nb_word_is_near("sms", 2));
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(says_what_a_channel_is), cmocka_unit_test(has_defaults),
               cmocka_unit_test(names_the_line_and_the_nearest_name),
               cmocka_unit_test(refuses_values_that_mean_nothing), cmocka_unit_test(refuses_names_that_no_channel_has),
               cmocka_unit_test(is_found_where_it_is_said), cmocka_unit_test(is_refused_where_others_can_write_it),
               cmocka_unit_test(reads_secrets_from_private_places_only),
               cmocka_unit_test(the_null_sender_answers_in_the_next_turn),
               cmocka_unit_test(measures_how_far_names_are_apart))
