/*
 * values.c - a store of what the words of filters can stand for.
 */
#include "tui/host/values.h"

#include <stdlib.h>
#include <strings.h>

#include "tui/host/host.h"
#include "tui/host/link.h"

/* One request. */
struct values_asked {
    struct host *host;
    enum nb_subject subject;
    const struct nb_word *word; /* NULL: all that are listed */
    char *start;
    struct nb_request *request;
};

static void asked_free(struct values_asked *asked)
{
    free(asked->start);
    free(asked);
}

static void entry_clear(struct values_entry *entry)
{
    for (size_t i = 0; i < entry->texts.count; i++)
        nb_free(&entry->texts.data[i]);
    nb_vec_clear(&entry->texts);
    nb_free(&entry->start);
}

static bool begins_with(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

/* ---- keeping ---- */

/* An answer about one word replaces that entry, an answer about all words every entry of the subject. */
static void forget_former(struct values *values, const struct values_asked *asked)
{
    size_t kept = 0;

    for (size_t i = 0; i < values->entries.count; i++) {
        struct values_entry *entry = &values->entries.data[i];
        bool same = asked->word == NULL || (entry->word == asked->word && strcasecmp(entry->start, asked->start) == 0);

        if (entry->subject == asked->subject && same)
            entry_clear(entry);
        else
            values->entries.data[kept++] = *entry;
    }
    values->entries.count = kept;
}

static void keep_word(struct values *values, const struct values_asked *asked, const struct nb_word *word,
                      const struct nb_value *found, size_t count)
{
    struct values_entry entry = {.subject = asked->subject, .word = word, .start = nb_strdup(asked->start)};

    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i].word, word->name) == 0)
            nb_vec_push(&entry.texts, nb_strdup(found[i].text));
    entry.all = entry.texts.count < NB_VALUES_MAX;
    nb_vec_push(&values->entries, entry);
}

static void keep(struct values *values, const struct values_asked *asked, const struct nb_value *found, size_t count)
{
    forget_former(values, asked);
    for (const struct nb_word *word = nb_subject_info(asked->subject)->words; word->name; word++)
        if (word->listed && (asked->word == NULL || asked->word == word))
            keep_word(values, asked, word, found, count);
}

/* ---- asking ---- */

static void on_found(void *arg, const struct nb_value *found, size_t count, const struct nb_error *err)
{
    struct values_asked *asked = arg;
    struct host *host = asked->host;
    struct values *values = &host->values;

    for (size_t i = 0; i < values->asked.count; i++)
        if (values->asked.data[i] == asked) {
            nb_vec_remove(&values->asked, i);
            break;
        }
    values->failed = err != NULL;
    if (!err)
        keep(values, asked, found, count);
    host_learned(host);
    asked_free(asked);
}

static bool is_asked(const struct values *values, enum nb_subject subject, const struct nb_word *word,
                     const char *start)
{
    for (size_t i = 0; i < values->asked.count; i++) {
        const struct values_asked *asked = values->asked.data[i];

        if (asked->subject == subject && asked->word == word && strcasecmp(asked->start, start) == 0)
            return true;
    }
    return false;
}

static void ask(struct host *host, enum nb_subject subject, const struct nb_word *word, const char *start,
                enum nb_priority priority)
{
    struct values_asked *asked;

    if (is_asked(&host->values, subject, word, start))
        return;
    asked = nb_calloc(1, sizeof(*asked));
    *asked = (struct values_asked){.host = host, .subject = subject, .word = word, .start = nb_strdup(start)};
    nb_vec_push(&host->values.asked, asked);
    asked->request = nb_values_find(host->connection, subject, word, start, priority, on_found, asked);
}

void values_refresh(struct host *host, enum nb_subject subject)
{
    if (link_is_ready(host) && host->identified && !link_is_refused(host))
        ask(host, subject, NULL, "", NB_PRIORITY_PAGE);
}

/* ---- finding ---- */

/* The entry that has all values which begin so; NULL: none. */
static const struct values_entry *entry_of(const struct values *values, enum nb_subject subject,
                                           const struct nb_word *word, const char *start)
{
    for (size_t i = 0; i < values->entries.count; i++) {
        const struct values_entry *entry = &values->entries.data[i];
        bool covers = entry->all ? begins_with(start, entry->start) : strcasecmp(start, entry->start) == 0;

        if (entry->subject == subject && entry->word == word && covers)
            return entry;
    }
    return NULL;
}

enum values_state values_find(struct host *host, enum nb_subject subject, const struct nb_word *word, const char *start,
                              void (*each)(void *arg, const char *text), void *arg)
{
    const struct values_entry *entry;

    if (is_asked(&host->values, subject, NULL, "") || is_asked(&host->values, subject, word, start))
        return VALUES_COMING;
    entry = entry_of(&host->values, subject, word, start);
    for (size_t i = 0; entry && i < entry->texts.count; i++)
        if (begins_with(entry->texts.data[i], start))
            each(arg, entry->texts.data[i]);
    if (entry)
        return VALUES_HERE;
    if (host->values.failed || !link_is_ready(host) || link_is_refused(host)) {
        host->values.failed = false; /* the next Tab asks again */
        return VALUES_NONE;
    }
    ask(host, subject, word, start, NB_PRIORITY_PAGE);
    return VALUES_COMING;
}

void values_forget(struct host *host)
{
    struct values *values = &host->values;

    for (size_t i = 0; i < values->asked.count; i++) {
        nb_request_abandon(&values->asked.data[i]->request);
        asked_free(values->asked.data[i]);
    }
    nb_vec_clear(&values->asked);
    for (size_t i = 0; i < values->entries.count; i++)
        entry_clear(&values->entries.data[i]);
    nb_vec_clear(&values->entries);
}
