/*
 * words.c - puts decisions into words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "why/why.h"

#define NAME_SIZE 64

const struct nb_decision_words nb_decision_words[] = {
#define DECISION(code, recipient, operator, change) {code, recipient, operator, change },
#include "why/decision.def"
#undef DECISION
    {NULL, NULL, NULL, NULL},
};

const char nb_decision_changes[] = "to change it: ";

const struct nb_decision_words *nb_decision_words_find(const char *code)
{
    for (const struct nb_decision_words *words = nb_decision_words; words->code; words++)
        if (strcmp(words->code, code) == 0)
            return words;
    return NULL;
}

static void append_value(struct nb_strbuf *out, const json_t *value)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value)) {
        nb_strbuf_append(out, json_string_value(value));
    } else if (json_is_array(value)) {
        json_array_foreach((json_t *)value, i, item)
        {
            nb_strbuf_append(out, i > 0 ? ", " : "");
            append_value(out, item);
        }
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        nb_strbuf_append(out, text ? text : "");
        free(text);
    }
}

/* False: the decision does not say it. */
static bool append_named(struct nb_strbuf *out, const struct nb_decision *decision, const char *name)
{
    const struct {
        const char *name, *value, *otherwise;
    } of_decision[] = {
        {"who", decision->user_name, "somebody"},
        {"channel", decision->channel, "any channel"},
        {"rule", decision->rule_id, NULL},
        {"event_type", decision->event_type, NULL},
    };
    for (size_t i = 0; i < NB_ARRAY_SIZE(of_decision); i++) {
        if (strcmp(of_decision[i].name, name) != 0)
            continue;
        const char *value = of_decision[i].value ? of_decision[i].value : of_decision[i].otherwise;
        nb_strbuf_append(out, value ? value : "");
        return value != NULL;
    }
    const json_t *value = json_object_get(decision->detail, name);
    if (!value || json_is_null(value))
        return false;
    char text[NB_TIME_TEXT_SIZE];
    int64_t until;
    if (strcmp(name, "until") == 0 && json_is_string(value) &&
        nb_time_parse(&until, json_string_value(value), NULL) == NB_OK)
        nb_strbuf_append(out, nb_time_format_local(until, text));
    else
        append_value(out, value);
    return true;
}

static void fill(struct nb_strbuf *out, const char *pattern, const struct nb_decision *decision)
{
    size_t part = 0; /* where the part in [ ] began */
    bool is_part = false, is_known = true;

    for (const char *at = pattern; *at; at++) {
        if (*at == '[') {
            part = out->length;
            is_part = is_known = true;
        } else if (*at == ']') {
            if (is_part && !is_known)
                nb_strbuf_truncate(out, part);
            is_part = false;
        } else if (*at == '{') {
            char name[NAME_SIZE];
            size_t length = strcspn(at, "}") - 1;
            nb_text_format(name, sizeof(name), "%.*s", (int)length, at + 1);
            is_known = append_named(out, decision, name) && is_known;
            at += length + 1;
        } else {
            nb_strbuf_append_char(out, *at);
        }
    }
}

void nb_decision_say(struct nb_strbuf *out, const struct nb_decision *decision)
{
    const struct nb_decision_words *words = nb_decision_words_find(decision->code);

    if (words)
        fill(out, decision->is_own ? words->recipient : words->operator, decision);
    else
        nb_strbuf_append(out, decision->code);
}

void nb_decision_say_change(struct nb_strbuf *out, const struct nb_decision *decision)
{
    const struct nb_decision_words *words = nb_decision_words_find(decision->code);

    if (words)
        fill(out, words->change, decision);
}
