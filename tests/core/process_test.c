/* Running other programs: their input, their output, and the user that they run as. */
#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"

static const char *const environment[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};

static int run(const char *const *argv, struct nb_strbuf *output, struct nb_error *err)
{
    struct nb_process_options options = {.argv = argv, .environment = environment};

    nb_strbuf_init(output, 64 * 1024);
    return nb_process_run(&options, output, err);
}

static void arguments_arrive_as_they_are(void **state)
{
    const char *argv[] = {"/bin/echo", "two  blanks", "$(id) `id`; \"quoted\" 'too'", "*", NULL};
    struct nb_strbuf output;

    (void)state;
    assert_int_equal(run(argv, &output, NULL), 0);
    assert_string_equal(output.data, "two  blanks $(id) `id`; \"quoted\" 'too' *\n");
    nb_strbuf_clear(&output);
}

static void the_environment_is_what_was_given(void **state)
{
    const char *argv[] = {"/usr/bin/env", NULL};
    struct nb_strbuf output;

    (void)state;
    assert_int_equal(run(argv, &output, NULL), 0);
    assert_string_equal(output.data, "PATH=/usr/bin:/bin\nONLY=this\n");
    nb_strbuf_clear(&output);
}

static void no_descriptor_leaks(void **state)
{
    const char *argv[] = {"/bin/sh", "-c", "for f in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$f ] || echo $f; done; cat",
                          NULL};
    struct nb_strbuf output;
    int open_fd = open("/dev/null", O_RDONLY);

    (void)state;
    assert_true(open_fd >= 3);
    assert_int_equal(run(argv, &output, NULL), 0); /* cat ends at once: standard input is /dev/null */
    assert_string_equal(output.data, "");
    nb_strbuf_clear(&output);
    close(open_fd);
}

static void what_fails_says_so_in_its_last_line(void **state)
{
    const char *argv[] = {"/bin/sh", "-c", "echo first; echo the reason >&2; exit 3", NULL};
    const char *killed[] = {"/bin/sh", "-c", "kill -9 $$", NULL};
    const char *silent[] = {"/bin/false", NULL};
    struct nb_strbuf output;
    struct nb_error err;

    (void)state;
    assert_int_equal(run(argv, &output, &err), NB_EFAILED);
    assert_string_equal(err.message, "/bin/sh failed: the reason");
    nb_strbuf_clear(&output);
    assert_int_equal(run(killed, &output, &err), NB_EFAILED);
    assert_string_equal(err.message, "/bin/sh: killed by signal 9");
    nb_strbuf_clear(&output);
    assert_int_equal(run(silent, &output, &err), NB_EFAILED);
    assert_string_equal(err.message, "/bin/false failed: it did not say why");
    nb_strbuf_clear(&output);
}

static void what_is_not_there_is_named(void **state)
{
    const char *argv[] = {"/nowhere/program", NULL};
    const char *entering[] = {"/bin/true", NULL};
    struct nb_process_options options = {.argv = entering, .environment = environment, .directory = "/nowhere"};
    struct nb_strbuf output;
    struct nb_error err;

    (void)state;
    assert_true(run(argv, &output, &err) < 0);
    assert_string_equal(err.message, "/nowhere/program: cannot run it: No such file or directory");
    nb_strbuf_clear(&output);
    assert_true(nb_process_run(&options, NULL, &err) < 0);
    assert_string_equal(err.message, "/bin/true: cannot enter its directory: No such file or directory");
}

static void much_output_is_read_to_its_end(void **state)
{
    const char *argv[] = {"/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x", NULL};
    struct nb_strbuf output;

    (void)state;
    assert_int_equal(run(argv, &output, NULL), 0); /* it could not end while its pipe is full */
    assert_true(output.length <= 64 * 1024);
    nb_strbuf_clear(&output);
}

struct end {
    int count;
    bool well, timed_out;
    char output[200], errors[200];
    struct nb_error err;
};

static void on_end(void *arg, const struct nb_process_end *ended)
{
    struct end *end = arg;

    end->count++;
    end->well = nb_process_end_check(ended, &end->err) == 0;
    end->timed_out = ended->timed_out;
    nb_text_copy(end->output, sizeof(end->output), ended->output);
    nb_text_copy(end->errors, sizeof(end->errors), ended->errors);
}

static struct end started_for(struct nb_loop *loop, const char *command, const char *input, int64_t time_limit_ms)
{
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    struct nb_process_options options = {.argv = argv,
                                         .environment = environment,
                                         .input = input,
                                         .input_length = strlen(input),
                                         .kept = 100,
                                         .time_limit_ms = time_limit_ms};
    struct nb_process *process = NULL;
    struct end end = {0};

    assert_int_equal(nb_process_start(&process, loop, &options, on_end, &end, NULL), 0);
    while (end.count == 0)
        assert_int_equal(nb_loop_turn(loop, 5000, NULL), 0);
    assert_int_equal(end.count, 1);
    return end;
}

static struct end started(struct nb_loop *loop, const char *command, const char *input)
{
    return started_for(loop, command, input, 0);
}

/* Under valgrind there are no descriptors for processes. */
static struct nb_loop *loop_or_skip(void)
{
    struct nb_loop *loop = NULL;
    int fd = pidfd_open(getpid(), 0);

    if (fd < 0 && errno == ENOSYS)
        skip();
    close(fd);
    assert_int_equal(nb_loop_new(&loop, NULL), 0);
    return loop;
}

static void a_loop_waits_for_one_that_reads_what_it_is_given(void **state)
{
    const char *missing[] = {"/nowhere/program", NULL};
    struct nb_process_options options = {.argv = missing, .environment = environment};
    struct nb_process *process = NULL;
    struct nb_loop *loop = loop_or_skip();
    struct nb_error err;
    struct end end;

    (void)state;
    assert_true(started(loop, "test \"$(cat)\" = 'two  words'", "two  words").well);
    end = started(loop, "exit 3", "");
    assert_false(end.well);
    assert_string_equal(end.err.message, "/bin/sh: exit status 3");
    end = started(loop, "kill -9 $$", "");
    assert_string_equal(end.err.message, "/bin/sh: killed by signal 9");
    /* does not wait for what the program leaves in the background, as clipboard tools do */
    assert_true(started(loop, "tail --pid=$PPID -f /dev/null &", "").well);
    assert_true(nb_process_start(&process, loop, &options, on_end, &end, &err) < 0);
    assert_null(process);
    nb_loop_free(&loop);
}

static void a_loop_keeps_the_end_of_what_one_prints(void **state)
{
    struct nb_loop *loop = loop_or_skip();
    struct end end;

    (void)state;
    end = started(loop, "echo said; echo wrong >&2; exit 75", "");
    assert_string_equal(end.output, "said\n");
    assert_string_equal(end.errors, "wrong\n");
    assert_string_equal(end.err.message, "/bin/sh: exit status 75");
    end = started(loop, "head -c 300000 /dev/zero | tr '\\0' x; echo end", "");
    assert_true(end.well);
    assert_int_equal(strlen(end.output), 100);
    assert_string_equal(end.output + 94, "xxend\n");
    end = started(loop, "exec yes", "");
    assert_string_equal(end.err.message, "/bin/sh: killed because it printed more than 16 MiB");
    nb_loop_free(&loop);
}

/* The end of a pipe that a whole group holds is seen when the last of the group is gone. */
static void wait_until_closed(int fd)
{
    char byte;

    assert_int_equal(read(fd, &byte, 1), 1); /* that it was held at all */
    assert_int_equal(read(fd, &byte, 1), 0);
}

static void one_that_takes_too_long_is_killed_with_its_group(void **state)
{
    struct nb_loop *loop = loop_or_skip();
    char path[] = "/tmp/nbt.process.XXXXXX", command[200];
    struct end end;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(path));
    snprintf(command, sizeof(command), "%s/pipe", path);
    assert_int_equal(mkfifo(command, 0600), 0);
    fd = open(command, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    snprintf(command, sizeof(command),
             "exec 9>%s/pipe; printf x >&9; (trap '' TERM; tail -f /dev/null) & tail -f /dev/null", path);
    end = started_for(loop, command, "", 3000);
    assert_true(end.timed_out);
    assert_string_equal(end.err.message, "/bin/sh: killed at its time limit");
    wait_until_closed(fd); /* the child in the background too */
    close(fd);
    snprintf(command, sizeof(command), "rm -r %s", path);
    assert_int_equal(system(command), 0);
    nb_loop_free(&loop);
}

static void one_that_is_killed_answers_no_more(void **state)
{
    const char *argv[] = {"/bin/sh", "-c", "tail -f /dev/null & tail -f /dev/null", NULL};
    struct nb_loop *loop = loop_or_skip();
    struct nb_process_options options = {.argv = argv, .environment = environment, .kept = 10};
    struct nb_process *process = NULL;
    struct end end = {0};

    (void)state;
    assert_int_equal(nb_process_start(&process, loop, &options, on_end, &end, NULL), 0);
    nb_process_kill(&process);
    assert_null(process);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(nb_loop_turn(loop, 0, NULL), 0);
    assert_int_equal(end.count, 0);
    nb_loop_free(&loop);
}

static void a_detached_one_lives_on_by_itself(void **state)
{
    const char *argv[] = {"/bin/sleep", "60", NULL};
    struct nb_process_options options = {.argv = argv, .environment = environment, .directory = "/"};
    const char *missing[] = {"/nowhere/program", NULL};
    struct nb_error err;
    pid_t pid = 0;

    (void)state;
    assert_int_equal(nb_process_start_detached(&options, STDERR_FILENO, &pid, NULL), 0);
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(getsid(pid) == getsid(0), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    options.argv = missing;
    assert_true(nb_process_start_detached(&options, STDERR_FILENO, &pid, &err) < 0);
    assert_string_equal(err.message, "/nowhere/program: cannot run it: No such file or directory");
}

static void a_program_is_found_as_a_shell_finds_it(void **state)
{
    char *path = NULL, *former = nb_strdup(getenv("PATH"));
    struct nb_error err;

    (void)state;
    setenv("PATH", "relative:/nowhere:/bin", 1);
    assert_int_equal(nb_process_find(&path, "sh", &err), 0);
    assert_string_equal(path, "/bin/sh");
    nb_free(&path);
    assert_int_equal(nb_process_find(&path, "./sh", &err), 0);
    assert_string_equal(path, "./sh");
    nb_free(&path);
    assert_int_equal(nb_process_find(&path, "no-such-program", &err), NB_ENOTFOUND);
    assert_null(path);
    setenv("PATH", former, 1);
    nb_free(&former);
}

static void without_an_environment_it_gets_ours(void **state)
{
    const char *argv[] = {"/bin/sh", "-c", "echo $OURS", NULL};
    struct nb_process_options options = {.argv = argv};
    struct nb_strbuf output;

    (void)state;
    setenv("OURS", "it is", 1);
    nb_strbuf_init(&output, 4096);
    assert_int_equal(nb_process_run(&options, &output, NULL), 0);
    assert_string_equal(output.data, "it is\n");
    nb_strbuf_clear(&output);
}

static void root_becomes_another_account_for_good(void **state)
{
    const char *argv[] = {"/bin/sh", "-c", "id -un; id -Gn; grep -c '^Uid:.65534.65534.65534.65534' /proc/self/status",
                          NULL};
    struct nb_process_options options = {.argv = argv, .environment = environment, .directory = "/"};
    struct nb_account *account = NULL;
    struct nb_strbuf output;

    (void)state;
    if (geteuid() != 0)
        skip();
    nb_strbuf_init(&output, 4096);
    assert_int_equal(nb_account_by_name(&account, "nobody", NULL), 0);
    options.account = account;
    assert_int_equal(nb_process_run(&options, &output, NULL), 0);
    assert_string_equal(output.data, "nobody\nnogroup\n1\n");
    nb_strbuf_clear(&output);
    nb_account_free(&account);
    assert_int_equal(nb_account_by_name(&account, "no such account", NULL), NB_ENOTFOUND);
}

UNIT_MAIN(cmocka_unit_test(arguments_arrive_as_they_are), cmocka_unit_test(the_environment_is_what_was_given),
          cmocka_unit_test(no_descriptor_leaks), cmocka_unit_test(what_fails_says_so_in_its_last_line),
          cmocka_unit_test(what_is_not_there_is_named), cmocka_unit_test(much_output_is_read_to_its_end),
          cmocka_unit_test(a_loop_waits_for_one_that_reads_what_it_is_given),
          cmocka_unit_test(a_loop_keeps_the_end_of_what_one_prints),
          cmocka_unit_test(one_that_takes_too_long_is_killed_with_its_group),
          cmocka_unit_test(one_that_is_killed_answers_no_more), cmocka_unit_test(a_detached_one_lives_on_by_itself),
          cmocka_unit_test(a_program_is_found_as_a_shell_finds_it),
          cmocka_unit_test(without_an_environment_it_gets_ours),
          cmocka_unit_test(root_becomes_another_account_for_good))
