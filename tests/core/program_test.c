/* A channel that is a program: what it is given, and what becomes of one that behaves badly. */
#include "tests/lib/unit.h"
#include "tests/lib/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "channels/channels.h"

static char directory[64];

struct answer {
    int count, code;
    enum nb_send_outcome outcome;
    char error[700], id[700];
    bool provider_fault;
};

/* A channel with one program, the command written to channels.conf. */
struct world {
    struct nb_loop *loop;
    struct nb_channels *channels;
    struct nb_senders *senders;
    struct nb_sender *sender;
};

static struct nb_message message(void)
{
    struct nb_message out = {.attempt = 2,
                             .channel = "chat",
                             .type = "ORDER_APPROVED",
                             .urgency = "high",
                             .locale = "de",
                             .subject = "Order 12 \"approved\"",
                             .body = "Thank you.\nUp to you now.",
                             .payload = "{\"amount\": 100000000000000000001.50, \"po\": \"12\"}",
                             .link = "https://shop.example/12",
                             .created_ms = 1796000000123,
                             .target.address = "#orders"};
    struct nb_error err;

    assert_int_equal(nb_uuid_parse(&out.delivery, "00000000-0000-7000-8000-00000000000d", &err), 0);
    assert_int_equal(nb_uuid_parse(&out.tenant, "00000000-0000-4000-8000-0000000000a0", &err), 0);
    assert_int_equal(nb_uuid_parse(&out.user, "00000000-0000-4000-8000-0000000000a1", &err), 0);
    return out;
}

static int setup(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/nbt.program.XXXXXX");
    assert_non_null(mkdtemp(directory));
    return 0;
}

static int teardown(void **state)
{
    char *command = nb_asprintf("rm -rf '%s'", directory);

    (void)state;
    assert_int_equal(system(command), 0);
    free(command);
    return 0;
}

static void write_text(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static char *in_directory(const char *name)
{
    return nb_asprintf("%s/%s", directory, name);
}

static int begin(struct world *world, const char *settings, struct nb_error *err)
{
    char *path = in_directory("channels.conf"), *text = nb_asprintf("[channel.chat]\nkind = program\n%s\n", settings);
    int rc;

    *world = (struct world){0};
    write_text(path, text, 0600);
    assert_int_equal(nb_loop_new(&world->loop, err), 0);
    if ((rc = nb_channels_read(&world->channels, path, NULL, NULL, err)) == 0)
        rc = nb_senders_new(&world->senders, world->loop, world->channels, err);
    if (rc == 0)
        world->sender = nb_senders_find(world->senders, "chat");
    free(path);
    free(text);
    return rc;
}

static void end(struct world *world)
{
    nb_senders_free(&world->senders);
    nb_channels_free(&world->channels);
    nb_loop_free(&world->loop);
}

static void on_answer(void *arg, const struct nb_send_answer *answer)
{
    struct answer *out = arg;

    out->count++;
    out->outcome = answer->outcome;
    out->code = answer->code;
    out->provider_fault = answer->provider_fault;
    nb_text_copy(out->error, sizeof(out->error), answer->error);
    nb_text_copy(out->id, sizeof(out->id), answer->message_id);
    assert_true((answer->error == NULL) == (answer->outcome == NB_SEND_SENT));
}

/* Sends one message through a program with these settings, and waits for the answer. */
static struct answer sent_by(const char *settings, const struct nb_message *what)
{
    struct answer answer = {0};
    struct nb_send *send = NULL;
    struct world world;
    struct nb_error err;

    if (begin(&world, settings, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(nb_sender_send(&send, world.sender, what, on_answer, &answer, &err), 0);
    assert_int_equal(answer.count, 0);
    while (answer.count == 0)
        assert_int_equal(nb_loop_turn(world.loop, -1, &err), 0);
    assert_int_equal(nb_loop_turn(world.loop, 0, &err), 0);
    assert_int_equal(answer.count, 1);
    end(&world);
    return answer;
}

/* The same with a text for /bin/sh. */
static struct answer sent_by_shell(const char *script, const char *settings)
{
    char *path = in_directory("send"), *text = nb_asprintf("#!/bin/sh\n%s\n", script),
         *all = nb_asprintf("command = %s\n%s", path, settings);
    struct nb_message what = message();
    struct answer answer;

    write_text(path, text, 0700);
    answer = sent_by(all, &what);
    free(path);
    free(text);
    free(all);
    return answer;
}

static char *read_back(const char *name)
{
    char *path = in_directory(name), *text = nb_calloc(1, 1 << 16);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    assert_int_equal(fclose(file), 0);
    free(path);
    return text;
}

static void assert_member(const json_t *object, const char *name, const char *value)
{
    const json_t *member = json_object_get(object, name);

    assert_non_null(member);
    if (value)
        assert_string_equal(json_string_value(member), value);
    else
        assert_true(json_is_null(member));
}

static void is_given_the_delivery_as_json(void **state)
{
    char *script = nb_asprintf("cat >%s/got", directory), *got;
    struct answer answer = sent_by_shell(script, "");
    const json_t *target;
    struct nb_error err;
    json_t *json = NULL;

    (void)state;
    assert_int_equal(answer.outcome, NB_SEND_SENT);
    got = read_back("got");
    assert_int_equal(nb_json_parse(&json, got, strlen(got), &err), 0);
    assert_int_equal(json_integer_value(json_object_get(json, "version")), 1);
    assert_int_equal(json_integer_value(json_object_get(json, "attempt")), 2);
    assert_member(json, "delivery", "00000000-0000-7000-8000-00000000000d");
    assert_member(json, "tenant", "00000000-0000-4000-8000-0000000000a0");
    assert_member(json, "user", "00000000-0000-4000-8000-0000000000a1");
    assert_member(json, "created_at", "2026-11-30T00:53:20.123000Z");
    assert_member(json, "subject", "Order 12 \"approved\"");
    assert_member(json, "body", "Thank you.\nUp to you now.");
    assert_member(json, "html", NULL);
    assert_non_null(strstr(got, "\"amount\":100000000000000000001.50")); /* with every digit */
    target = json_object_get(json, "target");
    assert_member(target, "id", NULL);
    assert_member(target, "address", "#orders");
    assert_int_equal(json_array_size(json_object_get(json, "cc")), 0);
    json_decref(json);
    free(got);
    free(script);
}

static void has_nothing_of_ours_but_what_is_named(void **state)
{
    char *script = nb_asprintf("{ env | grep -v '^_=\\|^PWD=\\|^SHLVL=' | sort; pwd; ls /proc/self/fd | wc -l; ps -o "
                               "pgid= $$ | tr -d ' '; echo $$; } >%s/got",
                               directory);
    const char *expected;
    char *got, *group;

    (void)state;
    setenv("SECRET_OF_THE_WORKER", "x", 1);
    setenv("TOKEN_OF_THE_CHAT", "y", 1);
    setenv("HOME", "/home/somebody", 1);
    assert_int_equal(sent_by_shell(script, "environment = TOKEN_OF_THE_CHAT").outcome, NB_SEND_SENT);
    got = read_back("got");
    expected = "HOME=/home/somebody\nLANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
               "TOKEN_OF_THE_CHAT=y\n/\n4\n";
    assert_memory_equal(got, expected, strlen(expected));
    group = got + strlen(expected); /* its own group: its number twice */
    assert_memory_equal(group, strchr(group, '\n') + 1, strcspn(group, "\n") + 1);
    free(got);
    free(script);
}

static void decides_by_its_exit_status(void **state)
{
    static const struct {
        const char *script;
        enum nb_send_outcome outcome;
        int code;
        const char *error;
    } cases[] = {
        {"exit 0", NB_SEND_SENT, 0, ""},
        {"echo 'not now' >&2; exit 75", NB_SEND_RETRY, 75, "not now"},
        {"printf 'one\\ntwo\\n\\n  \\n' >&2; exit 69", NB_SEND_RETRY, 69, "two"},
        {"echo one; echo 'said here'; exit 1", NB_SEND_RETRY, 1, "said here"},
        {"echo 'not this'; echo 'but this' >&2; exit 1", NB_SEND_RETRY, 1, "but this"},
        {"echo 'no such room' >&2; exit 64", NB_SEND_FAILED, 64, "no such room"},
        {"echo 'no such room' >&2; exit 78", NB_SEND_FAILED, 78, "no such room"},
        {"exit 67", NB_SEND_FAILED, 67, "%s: exit status 67"},
        {"exit 1", NB_SEND_RETRY, 1, "%s: exit status 1"},
        {"exit 79", NB_SEND_RETRY, 79, "%s: exit status 79"},
        {"kill -SEGV $$", NB_SEND_RETRY, 0, "%s: killed by signal 11"},
    };
    char *path = in_directory("send");

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct answer answer = sent_by_shell(cases[i].script, "");
        char *error = strncmp(cases[i].error, "%s", 2) == 0 ? nb_asprintf("%s%s", path, cases[i].error + 2)
                                                            : nb_strdup(cases[i].error);

        assert_int_equal(answer.outcome, cases[i].outcome);
        assert_int_equal(answer.code, cases[i].code);
        assert_string_equal(answer.error, error);
        assert_int_equal(answer.provider_fault, answer.outcome == NB_SEND_RETRY);
        free(error);
    }
    free(path);
}

static void names_the_message_by_what_it_printed_last(void **state)
{
    struct answer answer = sent_by_shell("echo connecting; echo 'room 12'; echo fine >&2", "");

    (void)state;
    assert_int_equal(answer.outcome, NB_SEND_SENT);
    assert_string_equal(answer.id, "room 12");
}

static void nothing_that_it_prints_reaches_a_terminal_or_grows(void **state)
{
    struct answer answer = sent_by_shell("printf '\\033]0;owned\\007 \\377 line\\n' >&2; exit 64", "");

    (void)state;
    assert_null(strpbrk(answer.error, "\033\007\377"));
    assert_non_null(strstr(answer.error, "owned"));
    answer = sent_by_shell("head -c 100000 /dev/zero | tr '\\0' y >&2; exit 64", "");
    assert_int_equal(strlen(answer.error), 500);
    answer = sent_by_shell("yes no >&2", "");
    assert_int_equal(answer.outcome, NB_SEND_RETRY);
    assert_non_null(strstr(answer.error, "printed more than 16 MiB"));
}

static void need_not_read_what_it_is_given(void **state)
{
    struct nb_message what = message();
    struct answer answer;
    char *body = nb_calloc(1, 1 << 20);

    (void)state;
    assert_int_equal(sent_by_shell("exec <&-; exit 0", "").outcome, NB_SEND_SENT);
    memset(body, 'b', (1 << 20) - 1);
    what.body = body;
    answer = sent_by("command = /bin/true", &what);
    assert_int_equal(answer.outcome, NB_SEND_SENT);
    free(body);
}

/* The end of a pipe that they hold open is seen when the last one is gone. */
static void one_that_hangs_is_killed_with_its_children(void **state)
{
    char *pipe_path = in_directory("pipe"),
         *script = nb_asprintf("exec 9>%s; printf x >&9; (trap '' TERM HUP; tail -f /dev/null) & tail -f /dev/null",
                               pipe_path);
    int64_t begun = nb_monotonic_ms();
    struct answer answer;
    char byte;
    int fd;

    (void)state;
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    fd = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    answer = sent_by_shell(script, "time_limit = 2s");
    assert_true(nb_monotonic_ms() - begun >= 2000);
    assert_int_equal(answer.outcome, NB_SEND_RETRY);
    assert_true(answer.provider_fault);
    assert_non_null(strstr(answer.error, "killed at its time limit"));
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
    free(pipe_path);
    free(script);
}

/* As sendmail does, which delivers behind one's back. */
static void one_that_leaves_children_is_not_waited_for(void **state)
{
    struct answer answer = sent_by_shell("tail --pid=$PPID -f /dev/null & exit 0", "time_limit = 5m");

    (void)state;
    assert_int_equal(answer.outcome, NB_SEND_SENT);
}

static void one_that_is_cancelled_answers_no_more(void **state)
{
    struct nb_message what = message();
    struct answer answer = {0};
    struct nb_send *send = NULL;
    struct world world;
    struct nb_error err;

    (void)state;
    assert_int_equal(begin(&world, "command = /usr/bin/tail -f /dev/null", &err), 0);
    assert_int_equal(nb_sender_send(&send, world.sender, &what, on_answer, &answer, &err), 0);
    nb_send_cancel(&send);
    assert_null(send);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(nb_loop_turn(world.loop, 0, &err), 0);
    assert_int_equal(answer.count, 0);
    end(&world);
}

static void one_that_went_away_is_tried_again(void **state)
{
    char *path = in_directory("gone"), *settings = nb_asprintf("command = %s", path);
    struct nb_message what = message();
    struct answer answer = {0};
    struct nb_send *send = NULL;
    struct world world;
    struct nb_error err;

    (void)state;
    write_text(path, "#!/bin/sh\n", 0700);
    assert_int_equal(begin(&world, settings, &err), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nb_sender_send(&send, world.sender, &what, on_answer, &answer, &err), 0);
    while (answer.count == 0)
        assert_int_equal(nb_loop_turn(world.loop, -1, &err), 0);
    assert_int_equal(answer.outcome, NB_SEND_RETRY);
    assert_non_null(strstr(answer.error, "No such file"));
    end(&world);
    free(path);
    free(settings);
}

static void refused(const char *settings, const char *expected)
{
    struct world world;
    struct nb_error err;

    assert_int_equal(begin(&world, settings, &err), NB_EINVALID);
    if (!strstr(err.message, expected))
        fail_msg("%s is not in: %s", expected, err.message);
    end(&world);
}

static void settings_are_checked_before_anything_is_sent(void **state)
{
    (void)state;
    refused("", "[channel.chat] lacks command");
    refused("command = mail ada", "conf:3: command: expected the path of a program");
    refused("command = /nowhere/program", "conf:3: there is no program /nowhere/program that may be run here");
    refused("command = /tmp", "conf:3: there is no program /tmp");
    refused("command = /bin/true \"open", "conf:3: command: the quote is not closed");
    refused("command = /bin/echo {subjct}", "conf:3: {subjct} stands for nothing");
    refused("command = /bin/echo {recipients}", "{recipients} stands for nothing");
    refused("command = /bin/true\ninput = yaml", "conf:4: input: expected json, text or mail");
    refused("command = /bin/true\nenvironment = NOT_SET_AT_ALL", "conf:4: the variable NOT_SET_AT_ALL is not set");
    refused("command = /bin/true\nfrom = ada@example.org", "conf:4: from is for input = mail");
    refused("command = /bin/true\ninput = mail", "conf:4: a mail needs from");
    refused("command = /bin/true\ncomand = /bin/true", "conf:4: there is no option comand: did you mean command?");
}

static void arguments_say_what_the_message_says(void **state)
{
    char *path = in_directory("arguments"),
         *settings = nb_asprintf(
             "command = %s --title={subject} 'to {address}' {type} {} {locale}{nothing\ninput = text", path),
         *script = nb_asprintf("#!/bin/sh\n{ printf '<%%s>\\n' \"$@\"; cat; } >%s/got\n", directory), *got;
    struct nb_message what = message();
    struct answer answer;

    (void)state;
    write_text(path, script, 0700);
    what.subject = "$(id); -x \"quoted\"";
    assert_int_equal(sent_by(settings, &what).outcome, NB_SEND_SENT);
    got = read_back("got");
    assert_string_equal(got, "<--title=$(id); -x \"quoted\">\n<to #orders>\n<ORDER_APPROVED>\n<{}>\n<de{nothing>\n"
                             "Thank you.\nUp to you now.\n");
    free(got);
    what.type = "--delete-everything";
    answer = sent_by(settings, &what);
    assert_int_equal(answer.outcome, NB_SEND_FAILED);
    assert_string_equal(answer.error, "{type} would be an option of the program: --delete-everything");
    free(path);
    free(settings);
    free(script);
}

static void a_mail_is_given_as_sendmail_wants_it(void **state)
{
    char *path = in_directory("sendmail"),
         *settings = nb_asprintf(
             "command = %s -i -f {return_path} -- {recipients}\ninput = mail\nfrom = Shop <shop@example.org>\n"
             "return_path = bounces@example.org",
             path),
         *script = nb_asprintf("#!/bin/sh\n{ printf '<%%s>\\n' \"$@\"; cat; } >%s/got\n", directory), *got;
    static const char *const cc[] = {"bob@example.org", NULL};
    struct nb_message what = message();
    struct world world;
    struct nb_error err;

    (void)state;
    write_text(path, script, 0700);
    what.target.address = "ada@example.org";
    what.cc = cc;
    assert_int_equal(sent_by(settings, &what).outcome, NB_SEND_SENT);
    got = read_back("got");
    assert_memory_equal(got, "<-i>\n<-f>\n<bounces+", 19);
    assert_non_null(strstr(got, "<-->\n<ada@example.org>\n<bob@example.org>\n"));
    assert_non_null(strstr(got, "To: ada@example.org"));
    free(got);
    what.target.address = "ada@example.org\nBcc: mallory@example.org";
    assert_int_equal(sent_by(settings, &what).outcome, NB_SEND_FAILED);
    assert_int_equal(begin(&world, settings, &err), 0);
    assert_int_equal(nb_sender_check_address(world.sender, "ada@example.org", &err), 0);
    assert_int_equal(nb_sender_check_address(world.sender, "ada", &err), NB_EINVALID);
    end(&world);
    free(path);
    free(settings);
    free(script);
}

static void an_address_is_one_line(void **state)
{
    struct world world;
    struct nb_error err;
    char *text = nb_calloc(1, 3000);

    (void)state;
    assert_int_equal(begin(&world, "command = /bin/true", &err), 0);
    assert_int_equal(nb_sender_check_address(world.sender, "#orders", &err), 0);
    assert_int_equal(nb_sender_check_address(world.sender, "#orders\nx", &err), NB_EINVALID);
    memset(text, 'x', 2049);
    assert_int_equal(nb_sender_check_address(world.sender, text, &err), NB_EINVALID);
    end(&world);
    free(text);
}

/* Valgrind does not know the call that watches a process. */
UNIT_MAIN_WHERE(can_watch_a_process, "pidfd_open is not known here", setup, teardown,
                cmocka_unit_test(is_given_the_delivery_as_json),
                cmocka_unit_test(has_nothing_of_ours_but_what_is_named), cmocka_unit_test(decides_by_its_exit_status),
                cmocka_unit_test(names_the_message_by_what_it_printed_last),
                cmocka_unit_test(nothing_that_it_prints_reaches_a_terminal_or_grows),
                cmocka_unit_test(need_not_read_what_it_is_given),
                cmocka_unit_test(one_that_hangs_is_killed_with_its_children),
                cmocka_unit_test(one_that_leaves_children_is_not_waited_for),
                cmocka_unit_test(one_that_is_cancelled_answers_no_more),
                cmocka_unit_test(one_that_went_away_is_tried_again),
                cmocka_unit_test(settings_are_checked_before_anything_is_sent),
                cmocka_unit_test(arguments_say_what_the_message_says),
                cmocka_unit_test(a_mail_is_given_as_sendmail_wants_it), cmocka_unit_test(an_address_is_one_line))
