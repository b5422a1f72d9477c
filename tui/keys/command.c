/*
 * command.c - parses the command language of keys and the `:` prompt: a name, at most one option, words, the rest of
 * the line.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "base/words.h"
#include "tui/keys/action.h"

#define NUMBER_MAX 1000000

/* One argument of an action, as its entry in the table describes it: "[TEXT...]". */
struct slot {
    char name[16];
    bool is_option;
    bool optional;
    bool rest;
};

static const struct {
    const char *slot;
    const char *choices; /* "a b c"; NULL: a number, at least 1 */
} checks[] = {
    {"N", NULL},
    {"ORDER", "new seen severity"},
    {"SEVERITY", "low medium high critical 1 2 3 4"},
    {"WHAT", "id link title json"},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

/* Reads the next slot of a table entry; false at its end. */
static bool slot_next(const char **arguments, struct slot *slot)
{
    const char *at = skip_blanks(*arguments);
    size_t length = strcspn(at, " ");

    *slot = (struct slot){.name = ""};
    if (length == 0)
        return false;
    *arguments = at + length;
    if (*at == '[') {
        slot->optional = true;
        at++;
        length -= 2;
    }
    if (length > 3 && memcmp(at + length - 3, "...", 3) == 0) {
        slot->rest = true;
        length -= 3;
    }
    slot->is_option = length > 2 && memcmp(at, "--", 2) == 0;
    memcpy(slot->name, at, length < sizeof(slot->name) ? length : sizeof(slot->name) - 1);
    return true;
}

static bool choice_in(const char *choices, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = choices; *at;) {
        size_t part = strcspn(at, " ");

        if (part == length && memcmp(at, word, length) == 0)
            return true;
        at = skip_blanks(at + part);
    }
    return false;
}

const char *command_choices(const char *argument)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(checks); i++)
        if (strcmp(checks[i].slot, argument) == 0)
            return checks[i].choices;
    return NULL;
}

static int slot_check(const struct slot *slot, const char *word, unsigned column, struct nb_error *err)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(checks); i++) {
        char *end = NULL;
        bool good;

        if (strcmp(checks[i].slot, slot->name) != 0)
            continue;
        if (checks[i].choices)
            good = choice_in(checks[i].choices, word);
        else
            good = strtol(word, &end, 10) >= 1 && *end == '\0';
        if (good)
            return 0;
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected %s", word,
                     checks[i].choices ? checks[i].choices : "a number from 1");
        if (err)
            err->column = column;
        return NB_EINVALID;
    }
    return 0;
}

static int fail_at(struct nb_error *err, const char *text, const char *at, const char *message, const char *hint)
{
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s", message);
    if (hint)
        nb_error_hint(err, "%s", hint);
    if (err)
        err->column = (unsigned)(at - text) + 1;
    return NB_EINVALID;
}

/* Reads one word, quoted or not, and moves *at past it. */
static int read_word(struct nb_strbuf *word, const char *text, const char **at, struct nb_error *err)
{
    const char *open = nb_word_take(word, at);

    return open ? fail_at(err, text, open, "the quote is not closed", NULL) : 0;
}

char *command_unquote(const char *word)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, SIZE_MAX / 2);
    (void)nb_word_take(&text, &word);
    return nb_strbuf_take(&text);
}

char *command_quote(const char *text)
{
    struct nb_strbuf word;

    if (*text && text[strcspn(text, " \t\"'")] == '\0')
        return nb_strdup(text);
    nb_strbuf_init(&word, SIZE_MAX / 2);
    nb_strbuf_append_char(&word, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            nb_strbuf_append_char(&word, '\\');
        nb_strbuf_append_char(&word, *text);
    }
    nb_strbuf_append_char(&word, '"');
    return nb_strbuf_take(&word);
}

static void suggest(struct nb_strbuf *out, const char *start, size_t length)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (strncmp(action_info((enum action)i)->name, start, length) == 0)
            nb_strbuf_appendf(out, "%s%s", out->length ? ", " : "", action_info((enum action)i)->name);
}

static int read_name(enum action *action, const char *text, const char **at, struct nb_error *err)
{
    const char *name = *at;
    size_t length = strcspn(name, " \t");
    struct nb_strbuf known;
    int matches = 0;

    if (length == 0)
        return fail_at(err, text, name, "a command is missing", "the palette lists all of them");
    *at = name + length;
    *action = action_find(name, length);
    if (*action != ACTION_COUNT)
        return 0;
    for (int i = 0; i < ACTION_COUNT; i++)
        if (strncmp(action_info((enum action)i)->name, name, length) == 0) {
            *action = (enum action)i;
            matches++;
        }
    if (matches == 1)
        return 0;
    nb_strbuf_init(&known, 300);
    suggest(&known, name, matches ? length : 1);
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s command %.*s", matches ? "ambiguous" : "unknown",
                 length > 60 ? 60 : (int)length, name);
    if (known.length > 0)
        nb_error_hint(err, "did you mean %s?", known.data);
    if (err)
        err->column = (unsigned)(name - text) + 1;
    nb_strbuf_clear(&known);
    return NB_EINVALID;
}

static void add_argument(struct command *command, const char *text, size_t length)
{
    command->argv = nb_reallocarray(command->argv, command->argc + 1, sizeof(*command->argv));
    command->argv[command->argc++] = nb_strndup(text, length);
}

/* The error for a line that ends too early: names what the action still needs. */
static int fail_missing(struct nb_error *err, const char *text, const char *at, const struct command *command)
{
    const struct action_info *info = action_info(command->action);

    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s needs %s", info->name, info->arguments);
    if (err)
        err->column = (unsigned)(at - text) + 1;
    return NB_EINVALID;
}

static int read_arguments(struct command *command, const char *text, const char *at, struct nb_error *err)
{
    const char *arguments = action_info(command->action)->arguments;
    struct nb_strbuf word;
    struct slot slot;
    bool options = strstr(arguments, "--") != NULL;
    int rc = 0;

    nb_strbuf_init(&word, SIZE_MAX / 2);
    while (rc == 0 && slot_next(&arguments, &slot)) {
        const char *begin = at = skip_blanks(at);
        size_t length = strlen(slot.name);

        if (slot.is_option) {
            command->option = strncmp(at, slot.name, length) == 0 && (at[length] == '\0' || is_blank(at[length]));
            at += command->option ? length : 0;
        } else if (*at == '\0') {
            rc = slot.optional ? 0 : fail_missing(err, text, at, command);
        } else if (strncmp(at, "--", 2) == 0 && (!slot.rest || (options && !command->option))) {
            rc = fail_at(err, text, at, "there is no such option", action_info(command->action)->arguments);
        } else if (slot.rest) {
            for (length = strlen(at); is_blank(at[length - 1]);)
                length--;
            add_argument(command, at, length);
            at += strlen(at);
        } else {
            nb_strbuf_reset(&word);
            if ((rc = read_word(&word, text, &at, err)) == 0 &&
                (rc = slot_check(&slot, word.data, (unsigned)(begin - text) + 1, err)) == 0)
                add_argument(command, word.data, word.length);
        }
    }
    nb_strbuf_clear(&word);
    at = skip_blanks(at);
    if (rc == 0 && *at)
        rc = fail_at(err, text, at, "one word too many", action_info(command->action)->help);
    return rc;
}

int command_parse(struct command *out, const char *text, struct nb_error *err)
{
    const char *at = skip_blanks(text);
    int rc;

    *out = (struct command){.action = ACTION_COUNT};
    if (*at == ':')
        at = skip_blanks(at + 1);
    if (strlen(text) > 4096)
        return fail_at(err, text, text, "the command is too long", NULL);
    out->text = nb_strdup(at);
    if ((rc = read_name(&out->action, text, &at, err)) < 0 || (rc = read_arguments(out, text, at, err)) < 0)
        command_clear(out);
    return rc;
}

const char *command_argument_at(const char *text, size_t *start)
{
    static struct slot slot;
    const char *at = skip_blanks(text);
    const char *arguments;
    enum action action = ACTION_COUNT;

    if (*at == ':')
        at = skip_blanks(at + 1);
    *start = (size_t)(at - text);
    if (at[strcspn(at, " \t")] == '\0')
        return "";
    if (read_name(&action, text, &at, NULL) < 0)
        return NULL;
    arguments = action_info(action)->arguments;
    while (slot_next(&arguments, &slot)) {
        struct nb_strbuf word;

        at = skip_blanks(at);
        *start = (size_t)(at - text);
        if (slot.is_option && strncmp(at, "--", 2) != 0)
            continue;
        if (slot.rest)
            return slot.name;
        nb_strbuf_init(&word, SIZE_MAX / 2);
        (void)nb_word_take(&word, &at);
        nb_strbuf_clear(&word);
        if (*at == '\0')
            return slot.name;
    }
    return NULL;
}

void command_clear(struct command *command)
{
    for (size_t i = 0; i < command->argc; i++)
        nb_free(&command->argv[i]);
    nb_free(&command->argv);
    nb_free(&command->text);
    *command = (struct command){.action = ACTION_COUNT};
}

void command_copy(struct command *to, const struct command *from)
{
    *to = *from;
    to->text = nb_strdup(from->text);
    to->argv = NULL;
    to->argc = 0;
    for (size_t i = 0; i < from->argc; i++)
        add_argument(to, from->argv[i], strlen(from->argv[i]));
}

int command_amount(const struct command *command, int fallback)
{
    long number = command->count > 0 ? command->count : fallback;
    char *end = NULL;

    if (command->argc > 0) {
        long typed = strtol(command->argv[0], &end, 10);

        if (end != command->argv[0] && *end == '\0')
            number = typed;
    }
    return number < 1 ? 1 : number > NUMBER_MAX ? NUMBER_MAX : (int)number;
}
