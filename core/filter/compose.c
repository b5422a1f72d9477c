/*
 * compose.c - inserts a filter and an order into a query: fragments of core/sql/filters/ with their parameters
 * renumbered. A value never becomes SQL text.
 */
#include "filter/term.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>

#include "base/clock.h"

#define COMPOSED_MAX  (256 * 1024)
#define FRAGMENT_NAME 64
#define DAY_MICROS    (INT64_C(24) * 60 * 60 * 1000 * 1000)

struct composer {
    enum nb_subject subject;
    struct nb_strbuf *out;
    struct nb_params *params;
    struct nb_error *err;
    int64_t now;
};

static const char *subject_name(enum nb_subject subject)
{
    return nb_subject_info(subject)->name;
}

static const char *find_fragment(enum nb_subject subject, const char *name)
{
    for (size_t i = 0; i < nb_sql_fragment_count; i++) {
        if (strcmp(nb_sql_fragments[i].subject, subject_name(subject)) == 0 &&
            strcmp(nb_sql_fragments[i].name, name) == 0)
            return nb_sql_fragments[i].text;
    }
    return NULL;
}

/* Appends the fragment WORD or WORD_SUFFIX in parentheses; its $1 becomes parameter number base + 1. */
static int append_fragment(struct composer *composer, size_t base, const char *word, const char *suffix)
{
    char name[FRAGMENT_NAME];
    const char *text;
    int length =
        suffix ? snprintf(name, sizeof(name), "%s_%s", word, suffix) : snprintf(name, sizeof(name), "%s", word);

    text = length < (int)sizeof(name) ? find_fragment(composer->subject, name) : NULL;
    if (!text)
        return nb_error_set(composer->err, NB_EFAILED, NB_DOMAIN_INPUT, "filter: no fragment \"%s\" for %s", name,
                            subject_name(composer->subject));
    nb_strbuf_append_char(composer->out, '(');
    for (; *text; text++) {
        nb_strbuf_append_char(composer->out, *text);
        if (*text == '$' && isdigit((unsigned char)text[1])) {
            nb_strbuf_appendf(composer->out, "%zu", base + (size_t)(text[1] - '0'));
            text++;
        }
    }
    nb_strbuf_append_char(composer->out, ')');
    return 0;
}

/* Escapes text for LIKE. stars: * matches anything. anywhere: the text may stand anywhere in the value. */
static char *like_pattern(const char *text, bool stars, bool anywhere)
{
    struct nb_strbuf pattern;

    nb_strbuf_init(&pattern, 2 * NB_FILTER_MAX + 2);
    if (anywhere)
        nb_strbuf_append_char(&pattern, '%');
    for (; *text; text++) {
        if (*text == '*' && stars) {
            nb_strbuf_append_char(&pattern, '%');
            continue;
        }
        if (strchr("\\%_", *text))
            nb_strbuf_append_char(&pattern, '\\');
        nb_strbuf_append_char(&pattern, *text);
    }
    if (anywhere)
        nb_strbuf_append_char(&pattern, '%');
    return nb_strbuf_take(&pattern);
}

/* The smallest UUIDv7 of that time. */
static struct nb_uuid id_bound(int64_t micros)
{
    struct nb_uuid uuid = {{0}};
    uint64_t ms = micros > 0 ? (uint64_t)micros / 1000 : 0;

    for (int i = 0; i < 6; i++)
        uuid.bytes[5 - i] = (uint8_t)(ms >> (8 * i));
    return uuid;
}

/* An id has the time when the row was made, created_at the time when its transaction began. The bound on the id only
 * limits the scan, so it leaves a day between the two. */
static int compose_time(struct composer *composer, const struct nb_word *word, const struct filter_value *value)
{
    int64_t time = value->relative ? composer->now - value->micros : value->micros;
    bool since = strcmp(word->name, "since") == 0;
    size_t base = nb_params_count(composer->params);

    nb_params_time(composer->params, time);
    if (word->bounds_id) {
        struct nb_uuid bound = id_bound(since ? time - DAY_MICROS : time + DAY_MICROS);

        nb_params_uuid(composer->params, &bound);
    }
    return append_fragment(composer, base, word->name, NULL);
}

static int compose_like(struct composer *composer, const char *word, const char *suffix, char *pattern_take)
{
    size_t base = nb_params_count(composer->params);

    nb_params_text(composer->params, pattern_take);
    free(pattern_take);
    return append_fragment(composer, base, word, suffix);
}

static int compose_value(struct composer *composer, const struct nb_word *word, const struct filter_value *value)
{
    size_t base = nb_params_count(composer->params);
    int special = value->literal ? -1 : filter_choice_find(word, value->text);
    struct nb_uuid uuid;

    if (word->kind == NB_WORD_TIME)
        return compose_time(composer, word, value);
    if (word->kind == NB_WORD_TEXT)
        return compose_like(composer, word->name, NULL, like_pattern(value->text, false, true));
    if (special >= 0)
        return append_fragment(composer, base, word->name, word->choices[special].name);
    if (word->kind == NB_WORD_PATTERN && !value->literal && strchr(value->text, '*'))
        return compose_like(composer, word->name, "like", like_pattern(value->text, true, false));
    if (word->kind == NB_WORD_NAME && nb_uuid_parse(&uuid, value->text, NULL) == 0) {
        nb_params_uuid(composer->params, &uuid);
        return append_fragment(composer, base, word->name, "id");
    }
    nb_params_text(composer->params, value->text);
    return append_fragment(composer, base, word->name, word->kind == NB_WORD_NAME ? "name" : NULL);
}

static int compose_choices(struct composer *composer, const struct filter_term *term)
{
    const struct nb_word_choice *choices = term->word->choices;
    const char *names[sizeof(term->choices) * 8];
    size_t base = nb_params_count(composer->params);
    size_t count = 0;
    int rc = 0;

    for (int i = 0; choices[i].name; i++) {
        if (term->choices & 1u << i)
            names[count++] = choices[i].name;
    }
    if (term->word->kind != NB_WORD_CHOICE) {
        nb_params_text_array(composer->params, names, count);
        return append_fragment(composer, base, term->word->name, NULL);
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (i > 0)
            nb_strbuf_append(composer->out, " OR ");
        rc = append_fragment(composer, base, term->word->name, names[i]);
    }
    return rc;
}

/* A negated term is composed as IS NOT TRUE, so that it also finds rows where the column is NULL. */
static int compose_term(struct composer *composer, const struct filter_term *term)
{
    int rc = 0;

    nb_strbuf_append(composer->out, " AND (");
    if (term->choices)
        rc = compose_choices(composer, term);
    for (size_t i = 0; i < term->values.count && rc == 0; i++) {
        if (i > 0)
            nb_strbuf_append(composer->out, " OR ");
        rc = compose_value(composer, term->word, &term->values.data[i]);
    }
    nb_strbuf_append(composer->out, term->negated ? ") IS NOT TRUE" : ")");
    return rc;
}

/* Whether a term names the choice that switches the subject's default off, as is:archived does. */
static bool lifts_default(const struct nb_filter *filter, const struct nb_subject_info *info)
{
    for (size_t i = 0; i < filter->terms.count; i++) {
        const struct filter_term *term = &filter->terms.data[i];

        if (term->word->kind == NB_WORD_CHOICE && strcmp(term->word->name, info->unless_word) == 0 &&
            term->choices & 1u << filter_choice_find(term->word, info->unless_choice))
            return true;
    }
    return false;
}

static int compose_condition(struct composer *composer, const struct nb_filter *filter)
{
    const struct nb_subject_info *info = nb_subject_info(filter->subject);
    int rc = 0;

    if (info->default_fragment && !lifts_default(filter, info)) {
        nb_strbuf_append(composer->out, " AND ");
        rc = append_fragment(composer, 0, info->default_fragment, NULL);
    }
    for (size_t i = 0; i < filter->terms.count && rc == 0; i++) {
        if (filter->terms.data[i].word->kind != NB_WORD_ORDER)
            rc = compose_term(composer, &filter->terms.data[i]);
    }
    return rc;
}

/* ---- orders ---- */

/* Of what a marker stands for, the part before the key. */
static int compose_rank(struct composer *composer, const struct nb_ranks *ranks, const char *behind)
{
    int rc = append_fragment(composer, 0, "order", ranks->order->name);

    nb_strbuf_append(composer->out, behind);
    return rc;
}

static int compose_bound(struct composer *composer, const struct nb_ranks *ranks, size_t number)
{
    char name[FRAGMENT_NAME];
    int rc;

    snprintf(name, sizeof(name), "%s_rank", ranks->order->name);
    rc = append_fragment(composer, ranks->bounds + number - 1, "order", name);
    nb_strbuf_append(composer->out, ", ");
    return rc;
}

static int compose_above(struct composer *composer, const struct nb_ranks *ranks)
{
    char name[FRAGMENT_NAME];

    snprintf(name, sizeof(name), "%s_above", ranks->order->name);
    nb_strbuf_append(composer->out, " OR ");
    return append_fragment(composer, ranks->above, "order", name);
}

/* ---- markers ---- */

enum marker {
    MARKER_FILTER,
    MARKER_RANK,
    MARKER_RANK_FALLING,
    MARKER_BOUND_1,
    MARKER_BOUND_2,
    MARKER_OR_ABOVE,
    MARKER_OLDER,
    MARKER_NEWER
};

static const char *const markers[] = {
    [MARKER_FILTER] = "/*filter*/",   [MARKER_RANK] = "/*rank*/",       [MARKER_RANK_FALLING] = "/*rank falling*/",
    [MARKER_BOUND_1] = "/*bound 1*/", [MARKER_BOUND_2] = "/*bound 2*/", [MARKER_OR_ABOVE] = "/*or above*/",
    [MARKER_OLDER] = "/*older*/",     [MARKER_NEWER] = "/*newer*/",
};

/* The next marker of a query; NULL: there is none. */
static const char *find_marker(const char *text, enum marker *which)
{
    for (; (text = strstr(text, "/*")); text++) {
        for (size_t i = 0; i < NB_ARRAY_SIZE(markers); i++) {
            if (strncmp(text, markers[i], strlen(markers[i])) == 0) {
                *which = (enum marker)i;
                return text;
            }
        }
    }
    return NULL;
}

static int compose_marker(struct composer *composer, enum marker which, const struct nb_ranks *ranks)
{
    bool ranked = ranks && ranks->order && ranks->order->rank;

    if (which == MARKER_OLDER || which == MARKER_NEWER) {
        if (ranks && ranks->order)
            nb_strbuf_appendf(composer->out, "_%s_%s", ranks->order->name, which == MARKER_OLDER ? "older" : "newer");
        return 0;
    }
    switch (ranked ? which : MARKER_FILTER) {
    case MARKER_RANK:
        return compose_rank(composer, ranks, ", ");
    case MARKER_RANK_FALLING:
        return compose_rank(composer, ranks, " DESC, ");
    case MARKER_BOUND_1:
        return compose_bound(composer, ranks, 1);
    case MARKER_BOUND_2:
        return compose_bound(composer, ranks, 2);
    case MARKER_OR_ABOVE:
        return compose_above(composer, ranks);
    default:
        break;
    }
    return 0;
}

int nb_filter_compose(struct nb_strbuf *out, struct nb_params *params, enum nb_subject subject,
                      const struct nb_filter *filter, const struct nb_ranks *ranks, enum nb_sql query,
                      struct nb_error *err)
{
    const struct nb_filter everything = {.subject = subject};
    const char *text = nb_sql_queries[query].text, *marker;
    struct nb_strbuf condition;
    struct composer composer = {0};
    enum marker which;
    int rc = 0;

    assert(!filter || filter->subject == subject);
    nb_strbuf_init(&condition, COMPOSED_MAX);
    composer = (struct composer){subject, &condition, params, err, nb_now()};
    /* a query without its marker gets no parameters of the filter */
    if (strstr(text, markers[MARKER_FILTER]) && (rc = compose_condition(&composer, filter ? filter : &everything)) < 0)
        goto out;
    composer.out = out;
    while (rc == 0 && (marker = find_marker(text, &which))) {
        nb_strbuf_append_n(out, text, (size_t)(marker - text));
        if (which == MARKER_FILTER)
            nb_strbuf_append_n(out, condition.data, condition.length);
        rc = compose_marker(&composer, which, ranks);
        text = marker + strlen(markers[which]);
    }
    nb_strbuf_append(out, text);
    if (rc == 0 && (rc = nb_strbuf_check(&condition, "the composed filter", err)) == 0)
        rc = nb_strbuf_check(out, "the composed query", err);
out:
    nb_strbuf_clear(&condition);
    return rc;
}
