/*
 * program.c - a channel that is a program: started for each delivery without a shell, in an empty environment, in a process group
 * of its own that is killed when its time is over. Its exit status decides, as sysexits.h has them.
 */
#include "channels/program.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "base/words.h"
#include "channels/channels.h"
#include "channels/kinds.h"

#define KEPT          4096 /* of the end of each of its outputs */
#define LINE_MAX_SIZE 500  /* of what is told of them */
#define ADDRESS_MAX   2048

struct program {
    struct nb_senders *context;
    const char *const *command;
    char **environment;
    const char *input;
    int64_t time_limit_ms;
    struct nb_mail_sender mail; /* where the input is a mail */
};

struct program_send {
    struct nb_send send; /* first */
    struct nb_process *process;
    nb_send_done *done;
    void *arg;
};

/* ---- settings ---- */

static const char *const inputs[] = {"json", "text", "mail", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

static const struct nb_channel_option program_options[] = {
    {.name = "command", .type = NB_OPTION_COMMAND, .required = true},
    {.name = "input", .type = NB_OPTION_CHOICE, .fallback = "json", .choices = inputs},
    {.name = "address", .type = NB_OPTION_CHOICE, .fallback = "yes", .choices = yes_no},
    {.name = "environment", .type = NB_OPTION_TEXT},
    {.name = "from", .type = NB_OPTION_TEXT},
    {.name = "reply_to", .type = NB_OPTION_TEXT},
    {.name = "return_path", .type = NB_OPTION_TEXT},
    {NULL},
};

static void program_end(void **sender)
{
    struct program *program = *sender;

    for (size_t i = 0; program->environment && program->environment[i]; i++)
        free(program->environment[i]);
    free(program->environment);
    nb_mail_sender_clear(&program->mail);
    free(program);
    *sender = NULL;
}

/* What every program may expect, and the variables that the channel names. */
static int make_environment(struct program *program, const struct nb_channel *channel, struct nb_error *err)
{
    const char *at = nb_channel_text(channel, "environment"), *home = getenv("HOME");
    NB_VEC(char *) variables = {0};
    char *name;
    int rc = 0;

    nb_vec_push(&variables, nb_strdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    nb_vec_push(&variables, nb_strdup("LANG=C.UTF-8"));
    nb_vec_push(&variables, nb_asprintf("HOME=%s", home && *home ? home : "/"));
    while (rc == 0 && at && (name = nb_word_next(&at)) != NULL) {
        const char *value = getenv(name);

        if (value)
            nb_vec_push(&variables, nb_asprintf("%s=%s", name, value));
        else
            rc = nb_channel_problem(channel, "environment", err, "the variable %s is not set", name);
        free(name);
    }
    nb_vec_push(&variables, NULL);
    program->environment = variables.data;
    return rc;
}

static bool is_program(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

static int read_mail(struct program *program, const struct nb_channel *channel, struct nb_error *err)
{
    static const char *const of_mail[] = {"from", "reply_to", "return_path"};
    const char *values[NB_ARRAY_SIZE(of_mail)];
    bool is_mail = strcmp(program->input, "mail") == 0;
    struct nb_error why;

    for (size_t i = 0; i < NB_ARRAY_SIZE(of_mail); i++) {
        values[i] = nb_channel_text(channel, of_mail[i]);
        if (values[i] && !is_mail)
            return nb_channel_problem(channel, of_mail[i], err, "%s is for input = mail", of_mail[i]);
    }
    if (!is_mail)
        return 0;
    if (!values[0])
        return nb_channel_problem(channel, "input", err, "a mail needs from");
    if (nb_mail_sender_parse(&program->mail, values[0], values[1], values[2], &why) < 0)
        return nb_channel_problem(channel, "from", err, "%s", why.message);
    return 0;
}

static int check_command(const struct program *program, const struct nb_channel *channel, struct nb_error *err)
{
    char *unknown;

    if (!is_program(program->command[0]))
        return nb_channel_problem(channel, "command", err, "there is no program %s that may be run here",
                                  program->command[0]);
    unknown = program_unknown_word(program->command, strcmp(program->input, "mail") == 0);
    if (unknown)
        nb_channel_problem(channel, "command", err, "%s stands for nothing", unknown);
    free(unknown);
    return unknown ? NB_EINVALID : 0;
}

static int program_start(void **sender, const struct nb_channel *channel, struct nb_senders *context,
                         struct nb_error *err)
{
    struct program *program = nb_calloc(1, sizeof(*program));
    int rc;

    program->context = context;
    program->command = nb_channel_command(channel, "command");
    program->input = nb_channel_text(channel, "input");
    program->time_limit_ms = nb_channel_number(channel, "time_limit");
    *sender = program;
    if ((rc = make_environment(program, channel, err)) < 0 || (rc = read_mail(program, channel, err)) < 0 ||
        (rc = check_command(program, channel, err)) < 0)
        program_end(sender);
    return rc;
}

static int program_check_address(void *sender, const char *address, struct nb_error *err)
{
    const struct program *program = sender;
    struct nb_mailbox mailbox = {0};
    int rc = 0;

    if (strcmp(program->input, "mail") == 0) {
        rc = nb_mailbox_parse(&mailbox, address, err);
        nb_mailbox_clear(&mailbox);
        return rc;
    }
    for (const char *c = address; *c && rc == 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "address: a control character");
    if (rc == 0 && strlen(address) > ADDRESS_MAX)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "address: longer than %d bytes", ADDRESS_MAX);
    return rc;
}

/* ---- the answer ---- */

/* The last line with something in it, made harmless; false: there is none. */
static bool last_line(struct nb_strbuf *out, const char *text)
{
    size_t end = strlen(text), begin;

    while (end > 0 && strchr("\r\n\t ", text[end - 1]))
        end--;
    for (begin = end; begin > 0 && text[begin - 1] != '\n';)
        begin--;
    if (end - begin > LINE_MAX_SIZE)
        end = begin + LINE_MAX_SIZE;
    nb_strbuf_init(out, 8 * LINE_MAX_SIZE);
    nb_text_sanitize(out, text + begin, end - begin, NB_TEXT_LINE, false);
    return out->length > 0;
}

/* What an exit status means: of sysexits.h, what can heal by itself is tried again, the rest never heals. Of any other status
 * nothing is known: so it is tried again, as often as the channel's schedule says. */
static enum nb_send_outcome outcome_of(int exit_status)
{
    if (exit_status == EX_OK)
        return NB_SEND_SENT;
    if (exit_status == EX_UNAVAILABLE || exit_status == EX_TEMPFAIL)
        return NB_SEND_RETRY;
    return exit_status >= EX__BASE && exit_status <= EX__MAX ? NB_SEND_FAILED : NB_SEND_RETRY;
}

static void program_ended(void *arg, const struct nb_process_end *end)
{
    struct program_send *send = arg;
    struct nb_send_answer answer = {.outcome = outcome_of(end->exit_status), .retry_after_ms = -1};
    struct nb_strbuf said, id;
    struct nb_error err;
    bool has_said = last_line(&said, end->errors), has_id = last_line(&id, end->output);

    answer.code = end->exit_status > 0 ? end->exit_status : 0;
    answer.provider_fault = answer.outcome == NB_SEND_RETRY;
    if (nb_process_end_check(end, &err) < 0)
        answer.error = end->exit_status <= 0 ? err.message
                       : has_said            ? said.data
                       : has_id              ? id.data /* apprise tells there what went wrong */
                                             : err.message;
    else if (has_id)
        answer.message_id = id.data;
    send->process = NULL; /* it frees itself */
    send->done(send->arg, &answer);
    nb_strbuf_clear(&said);
    nb_strbuf_clear(&id);
    free(send);
}

/* ---- sending ---- */

static void program_cancel(struct nb_send **out)
{
    struct program_send *send = (struct program_send *)*out;

    nb_process_kill(&send->process);
    free(send);
    *out = NULL;
}

static int run(struct nb_send **out, const struct program *program, char **arguments, const struct nb_strbuf *input,
               nb_send_done *done, void *arg, struct nb_error *err)
{
    struct program_send *send = nb_calloc(1, sizeof(*send));
    const struct nb_process_options options = {
        .argv = (const char *const *)arguments,
        .environment = (const char *const *)program->environment,
        .directory = "/",
        .input = input->data,
        .input_length = input->length,
        .time_limit_ms = program->time_limit_ms,
        .kept = KEPT,
    };
    int rc;

    *send = (struct program_send){.send.ops = &nb_sender_program, .done = done, .arg = arg};
    rc = nb_process_start(&send->process, nb_senders_loop(program->context), &options, program_ended, send, err);
    if (rc < 0)
        free(send);
    else
        *out = &send->send;
    return rc;
}

/* What the program reads. NB_EINVALID: the message cannot be put so, and never will be. */
static int write_input(struct nb_strbuf *out, struct nb_mail *mail, const struct program *program,
                       const struct nb_message *message, struct nb_error *err)
{
    int rc = 0;

    if (strcmp(program->input, "mail") == 0) {
        nb_strbuf_init(out, SIZE_MAX / 2);
        if ((rc = nb_mail_compose(mail, &program->mail, message, err)) == 0)
            nb_strbuf_append_n(out, mail->text.data, mail->text.length);
    } else if (strcmp(program->input, "text") == 0) {
        nb_strbuf_init(out, SIZE_MAX / 2);
        nb_strbuf_append(out, message->body ? message->body : "");
        nb_strbuf_append_char(out, '\n');
    } else {
        program_write_json(out, message);
        rc = nb_strbuf_check(out, "the delivery", err);
    }
    return rc;
}

static int program_send(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done,
                        void *arg, struct nb_error *err)
{
    const struct program *program = sender;
    struct nb_mail mail = {0};
    struct nb_strbuf input;
    char **arguments = NULL;
    struct nb_error why;
    int rc = write_input(&input, &mail, program, message, &why);

    if (rc == 0)
        rc = program_arguments(&arguments, program->command, message, mail.return_path ? &mail : NULL, &why);
    if (rc < 0) {
        const struct nb_send_answer answer = {.outcome = NB_SEND_FAILED, .error = why.message, .retry_after_ms = -1};

        nb_send_answered(out, program->context, &answer, done, arg);
        rc = 0;
    } else if ((rc = run(out, program, arguments, &input, done, arg, &why)) < 0) {
        const struct nb_send_answer answer = {
            .outcome = NB_SEND_RETRY, .error = why.message, .retry_after_ms = -1, .provider_fault = true};

        nb_send_answered(out, program->context, &answer, done, arg);
        rc = 0;
    }
    (void)err;
    program_arguments_free(&arguments);
    nb_strbuf_clear(&input);
    nb_mail_clear(&mail);
    return rc;
}

const struct nb_sender_ops nb_sender_program = {
    .kind = "program",
    .summary = "a program of this host",
    .options = program_options,
    .start = program_start,
    .end = program_end,
    .send = program_send,
    .cancel = program_cancel,
    .check_address = program_check_address,
};
