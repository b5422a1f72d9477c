/*
 * program_input.c - one delivery as JSON, and as the arguments of a program.
 */
#include "channels/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_text.h"

#define INPUT_MAX    ((size_t)4 * 1024 * 1024)
#define ARGUMENT_MAX ((size_t)100 * 1024) /* Linux takes 128 KiB in one */

/* ---- JSON ---- */

static void add_name(struct nb_strbuf *out, const char *name)
{
    nb_strbuf_appendf(out, "%s\"%s\":", out->data[out->length - 1] == '{' ? "" : ",", name);
}

static void add_text(struct nb_strbuf *out, const char *name, const char *text)
{
    add_name(out, name);
    if (text)
        nb_json_append_string(out, text);
    else
        nb_strbuf_append(out, "null");
}

static void add_uuid(struct nb_strbuf *out, const char *name, const struct nb_uuid *id)
{
    char text[NB_UUID_TEXT_SIZE];

    add_text(out, name, nb_uuid_is_nil(id) ? NULL : nb_uuid_format(id, text));
}

static void add_list(struct nb_strbuf *out, const char *name, const char *const *texts)
{
    add_name(out, name);
    nb_strbuf_append_char(out, '[');
    for (size_t i = 0; texts && texts[i]; i++) {
        if (i > 0)
            nb_strbuf_append_char(out, ',');
        nb_json_append_string(out, texts[i]);
    }
    nb_strbuf_append_char(out, ']');
}

void program_write_json(struct nb_strbuf *out, const struct nb_message *message)
{
    char created[NB_TIME_TEXT_SIZE];

    nb_strbuf_init(out, INPUT_MAX);
    nb_strbuf_append(out, "{\"version\":1");
    add_uuid(out, "delivery", &message->delivery);
    add_uuid(out, "tenant", &message->tenant);
    add_uuid(out, "user", &message->user);
    add_name(out, "attempt");
    nb_strbuf_appendf(out, "%d", message->attempt);
    add_text(out, "created_at", nb_time_format_rfc3339(message->created_ms * 1000, created));
    add_text(out, "channel", message->channel);
    add_text(out, "type", message->type);
    add_text(out, "urgency", message->urgency);
    add_text(out, "locale", message->locale);
    add_text(out, "subject", message->subject);
    add_text(out, "body", message->body);
    add_text(out, "html", message->html);
    add_text(out, "link", message->link);
    add_name(out, "data");
    if (message->payload)
        nb_json_append_compact(out, message->payload);
    else
        nb_strbuf_append(out, "null");
    add_list(out, "cc", message->cc);
    add_list(out, "bcc", message->bcc);
    add_text(out, "unsubscribe", message->unsubscribe);
    add_name(out, "target");
    nb_strbuf_append_char(out, '{');
    add_uuid(out, "id", &message->target.id);
    add_text(out, "address", message->target.address);
    add_text(out, "platform", message->target.platform);
    nb_strbuf_append(out, "}}\n");
}

/* ---- arguments ---- */

enum word {
    WORD_ADDRESS,
    WORD_SUBJECT,
    WORD_BODY,
    WORD_LINK,
    WORD_TYPE,
    WORD_URGENCY,
    WORD_LOCALE,
    WORD_CHANNEL,
    WORD_DELIVERY,
    WORD_ATTEMPT,
    WORD_TENANT,
    WORD_USER,
    WORD_RETURN_PATH,
    WORD_RECIPIENTS,
};

static const struct word_info {
    const char *name;
    enum word word;
    bool of_mail;
} words[] = {
    {"address", WORD_ADDRESS, false},
    {"subject", WORD_SUBJECT, false},
    {"body", WORD_BODY, false},
    {"link", WORD_LINK, false},
    {"type", WORD_TYPE, false},
    {"urgency", WORD_URGENCY, false},
    {"locale", WORD_LOCALE, false},
    {"channel", WORD_CHANNEL, false},
    {"delivery", WORD_DELIVERY, false},
    {"attempt", WORD_ATTEMPT, false},
    {"tenant", WORD_TENANT, false},
    {"user", WORD_USER, false},
    {"return_path", WORD_RETURN_PATH, true},
    {"recipients", WORD_RECIPIENTS, true},
};

/* The word in braces at `at`, and its length with them; NULL: none that is known. */
static const struct word_info *word_at(const char *at, size_t *length)
{
    size_t letters = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;

    *length = letters > 0 && at[1 + letters] == '}' ? letters + 2 : 0;
    for (size_t i = 0; *length > 0 && i < NB_ARRAY_SIZE(words); i++)
        if (strlen(words[i].name) == letters && memcmp(words[i].name, at + 1, letters) == 0)
            return &words[i];
    return NULL;
}

char *program_unknown_word(const char *const *command, bool with_mail)
{
    for (size_t i = 1; command[i]; i++)
        for (const char *at = command[i]; *at; at++) {
            size_t length;
            const struct word_info *word = word_at(at, &length);

            if (length > 0 && (!word || (word->of_mail && !with_mail)))
                return nb_strndup(at, length);
        }
    return NULL;
}

static void add_word(struct nb_strbuf *out, enum word word, const struct nb_message *message,
                     const struct nb_mail *mail)
{
    char id[NB_UUID_TEXT_SIZE];
    const char *texts[] = {
        [WORD_ADDRESS] = message->target.address,
        [WORD_SUBJECT] = message->subject,
        [WORD_BODY] = message->body,
        [WORD_LINK] = message->link,
        [WORD_TYPE] = message->type,
        [WORD_URGENCY] = message->urgency,
        [WORD_LOCALE] = message->locale,
        [WORD_CHANNEL] = message->channel,
        [WORD_RETURN_PATH] = mail ? mail->return_path : NULL,
    };

    switch (word) {
    case WORD_DELIVERY:
        nb_strbuf_append(out, nb_uuid_format(&message->delivery, id));
        break;
    case WORD_ATTEMPT:
        nb_strbuf_appendf(out, "%d", message->attempt);
        break;
    case WORD_TENANT:
        nb_strbuf_append(out, nb_uuid_format(&message->tenant, id));
        break;
    case WORD_USER:
        nb_strbuf_append(out, nb_uuid_format(&message->user, id));
        break;
    case WORD_RECIPIENTS:
        for (size_t i = 0; mail && i < mail->recipients.count; i++)
            nb_strbuf_appendf(out, "%s%s", i ? "," : "", mail->recipients.data[i]);
        break;
    default:
        nb_strbuf_append(out, texts[word] ? texts[word] : "");
    }
}

typedef NB_VEC(char *) texts;

static int add_argument(void *list, const char *argument, const struct nb_message *message, const struct nb_mail *mail,
                        struct nb_error *err)
{
    texts *arguments = list;
    struct nb_strbuf text;
    int rc;

    nb_strbuf_init(&text, ARGUMENT_MAX);
    for (const char *at = argument; *at;) {
        size_t length;
        const struct word_info *word = word_at(at, &length);

        if (word)
            add_word(&text, word->word, message, mail);
        else
            nb_strbuf_append_char(&text, *at);
        at += word ? length : 1;
    }
    rc = nb_strbuf_check(&text, argument, err);
    if (rc == 0 && text.data[0] == '-' && argument[0] != '-')
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s would be an option of the program: %.100s", argument,
                          text.data);
    if (rc == 0)
        nb_vec_push(arguments, nb_strbuf_take(&text));
    nb_strbuf_clear(&text);
    return rc;
}

int program_arguments(char ***out, const char *const *command, const struct nb_message *message,
                      const struct nb_mail *mail, struct nb_error *err)
{
    texts arguments = {0};
    int rc = 0;

    for (size_t i = 0; rc == 0 && command[i]; i++) {
        if (i == 0) {
            nb_vec_push(&arguments, nb_strdup(command[i]));
        } else if (mail && strcmp(command[i], "{recipients}") == 0) { /* an argument for each */
            for (size_t r = 0; rc == 0 && r < mail->recipients.count; r++)
                rc = add_argument(&arguments, mail->recipients.data[r], message, NULL, err);
        } else {
            rc = add_argument(&arguments, command[i], message, mail, err);
        }
    }
    nb_vec_push(&arguments, NULL);
    *out = arguments.data;
    if (rc < 0)
        program_arguments_free(out);
    return rc;
}

void program_arguments_free(char ***arguments)
{
    for (size_t i = 0; *arguments && (*arguments)[i]; i++)
        free((*arguments)[i]);
    nb_free(arguments);
}
