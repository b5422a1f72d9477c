/*
 * words.c - the words of the filter language, a table for each subject. A new word is a line here
 * and its fragment in core/sql/filters/SUBJECT.sql.
 */
#include "filter/term.h"

#include <stdlib.h>
#include <strings.h>

static const struct filter_choice inbox_is[] = {
    {"unread", 1}, {"read", 1}, {"archived", 1}, {"announcement", 0}, {NULL},
};
static const struct filter_choice inbox_has[] = {{"link"}, {"data"}, {"actions"}, {NULL}};
static const struct filter_choice channels[] = {{"in_app"}, {"email"}, {"push"}, {"sms"}, {"webhook"}, {NULL}};
static const struct filter_choice urgencies[] = {{"low"}, {"normal"}, {"high"}, {"critical"}, {NULL}};
static const struct filter_choice event_is[] = {
    {"open", 1}, {"resolved", 1}, {"acked", 0}, {"snoozed", 0}, {"mine", 0}, {NULL},
};
static const struct filter_choice event_has[] = {{"details"}, {"resolution"}, {"fingerprint"}, {NULL}};
static const struct filter_choice severities[] = {{"low"}, {"medium"}, {"high"}, {"critical"}, {NULL}};
static const struct filter_choice me_or_none[] = {{"me"}, {"none"}, {NULL}};
static const struct filter_choice or_none[] = {{"none"}, {NULL}};

static const struct filter_word inbox_words[] = {
    {"is", FILTER_CHOICE, inbox_is},    {"urgency", FILTER_SCALE, urgencies}, {"type", FILTER_PATTERN},
    {"channel", FILTER_SET, channels},  {"actor", FILTER_NAME, me_or_none},   {"has", FILTER_CHOICE, inbox_has},
    {"since", FILTER_TIME, NULL, true}, {"before", FILTER_TIME, NULL, true},  {NULL},
};

static const struct filter_word event_words[] = {
    {"is", FILTER_CHOICE, event_is},
    {"severity", FILTER_SCALE, severities},
    {"type", FILTER_PATTERN},
    {"source", FILTER_PATTERN, or_none},
    {"tenant", FILTER_NAME, or_none},
    {"user", FILTER_NAME, me_or_none},
    {"assigned", FILTER_NAME, me_or_none},
    {"has", FILTER_CHOICE, event_has},
    {"since", FILTER_TIME},
    {"before", FILTER_TIME},
    {NULL},
};

static const struct filter_word text_word = {"text", FILTER_TEXT, NULL, false};

static const struct {
    const char *name;
    const struct filter_word *words;
} subjects[] = {
    [NB_SUBJECT_INBOX] = {"inbox", inbox_words},
    [NB_SUBJECT_EVENTS] = {"events", event_words},
};

const struct filter_word *filter_word_text(void)
{
    return &text_word;
}

const char *filter_subject_name(enum nb_subject subject)
{
    return subjects[subject].name;
}

const struct filter_word *filter_word_find(enum nb_subject subject, const char *name, size_t length)
{
    for (const struct filter_word *word = subjects[subject].words; word->name; word++) {
        if (strlen(word->name) == length && strncasecmp(word->name, name, length) == 0)
            return word;
    }
    return NULL;
}

int filter_choice_find(const struct filter_word *word, const char *name)
{
    for (int i = 0; word->choices && word->choices[i].name; i++) {
        if (strcasecmp(word->choices[i].name, name) == 0)
            return i;
    }
    return -1;
}

void filter_list_words(struct nb_strbuf *out, enum nb_subject subject)
{
    for (const struct filter_word *word = subjects[subject].words; word->name; word++)
        nb_strbuf_appendf(out, "%s%s:", out->length ? " " : "", word->name);
}

void filter_list_choices(struct nb_strbuf *out, const struct filter_word *word)
{
    for (const struct filter_choice *choice = word->choices; choice && choice->name; choice++)
        nb_strbuf_appendf(out, "%s%s", out->length ? ", " : "", choice->name);
}

const char *filter_operator_text(enum filter_operator op)
{
    static const char *const texts[] = {
        [FILTER_COLON] = ":", [FILTER_AT_LEAST] = ">=", [FILTER_AT_MOST] = "<=",
        [FILTER_ABOVE] = ">", [FILTER_BELOW] = "<",
    };

    return texts[op];
}

/* A word's own values behind what was typed of it up to the operator. */
static void suggest_values(const struct filter_word *word, const char *start, size_t operator_end,
                           nb_filter_suggestion *each, void *arg)
{
    for (const struct filter_choice *choice = word->choices; choice && choice->name; choice++) {
        char *text = nb_asprintf("%.*s%s", (int)operator_end, start, choice->name);

        if (strncasecmp(text, start, strlen(start)) == 0)
            each(arg, text);
        free(text);
    }
}

void nb_filter_suggest(enum nb_subject subject, const char *start, nb_filter_suggestion *each, void *arg)
{
    size_t name_length = strcspn(start, ":<>="), operator_length = strspn(start + name_length, ":<>=");

    for (const struct filter_word *word = subjects[subject].words; word->name; word++) {
        bool is_it = strlen(word->name) == name_length && strncasecmp(word->name, start, name_length) == 0;

        if (operator_length > 0 && is_it) {
            suggest_values(word, start, name_length + operator_length, each, arg);
        } else if (operator_length == 0 && strncasecmp(word->name, start, name_length) == 0) {
            char *text = nb_asprintf("%s:", word->name);

            each(arg, text);
            free(text);
        }
    }
}
