/*
 * parse.c - parses text into terms. Every error has its column and lists what was possible there.
 */
#include "filter/term.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/text.h"

struct parser {
    enum nb_subject subject;
    const char *text;
    const char *at;
    struct nb_error *err;
};

/* Columns count characters, so that a caret below the line points at the place. */
static unsigned column_of(const struct parser *parser, const char *where)
{
    unsigned column = 1;

    for (const char *c = parser->text; c < where; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80;
    return column;
}

static int fail_at(const struct parser *parser, const char *where, const char *format, ...) NB_PRINTF(3, 4);

static int fail_at(const struct parser *parser, const char *where, const char *format, ...)
{
    va_list args;
    char *message;

    va_start(args, format);
    message = nb_vasprintf(format, args);
    va_end(args);
    nb_error_set(parser->err, NB_EINVALID, NB_DOMAIN_INPUT, "filter, column %u: %s", column_of(parser, where), message);
    if (parser->err)
        parser->err->column = column_of(parser, where);
    free(message);
    return NB_EINVALID;
}

static bool at_end(const struct parser *parser)
{
    return *parser->at == '\0' || isspace((unsigned char)*parser->at);
}

/* ---- values ---- */

/* Reads up to the closing quote; \" and \\ are escapes. */
static int read_quoted(struct parser *parser, char **out)
{
    const char *start = parser->at++;
    struct nb_strbuf text;

    nb_strbuf_init(&text, NB_FILTER_MAX);
    while (*parser->at && *parser->at != '"') {
        if (*parser->at == '\\' && (parser->at[1] == '"' || parser->at[1] == '\\'))
            parser->at++;
        nb_strbuf_append_char(&text, *parser->at++);
    }
    if (*parser->at != '"' || text.length == 0) {
        bool open = *parser->at != '"';

        nb_strbuf_clear(&text);
        fail_at(parser, start, open ? "the quote is never closed" : "nothing between the quotes");
        return nb_error_hint(parser->err, open ? "add a \" at the end of the phrase" : "write the text to look for");
    }
    parser->at++;
    *out = nb_strbuf_take(&text);
    return 0;
}

static char *read_plain(struct parser *parser, bool stop_at_comma)
{
    const char *start = parser->at;

    while (!at_end(parser) && !(stop_at_comma && *parser->at == ','))
        parser->at++;
    return nb_strndup(start, (size_t)(parser->at - start));
}

/* Another subject that knows the word, and the value if there is one; NULL: none. For the hint of an error. */
static const struct nb_subject_info *known_elsewhere(const struct parser *parser, const char *word, size_t length,
                                                     const char *value)
{
    for (enum nb_subject other = 0; other < NB_SUBJECT_COUNT; other++) {
        const struct nb_word *there = other == parser->subject ? NULL : filter_word_find(other, word, length);

        if (there && (!value || filter_choice_find(there, value) >= 0))
            return nb_subject_info(other);
    }
    return NULL;
}

static int unknown_choice(const struct parser *parser, const struct nb_word *word, const char *value, const char *where)
{
    const struct nb_subject_info *other = known_elsewhere(parser, word->name, strlen(word->name), value);
    struct nb_strbuf choices;

    nb_strbuf_init(&choices, NB_FILTER_MAX);
    filter_list_choices(&choices, word);
    if (other)
        fail_at(parser, where, "%s:%s belongs to %s, not to %s", word->name, value, other->name,
                nb_subject_info(parser->subject)->name);
    else
        fail_at(parser, where, "%s: knows no \"%s\"", word->name, value);
    nb_error_hint(parser->err, "possible are %s", choices.data);
    nb_strbuf_clear(&choices);
    return NB_EINVALID;
}

static int set_choice(const struct parser *parser, struct filter_term *term, const char *value, const char *where)
{
    int choice = filter_choice_find(term->word, value);
    int count = 0;

    if (choice < 0)
        return unknown_choice(parser, term->word, value, where);
    while (term->word->choices[count].name)
        count++;
    for (int i = 0; i < count; i++) {
        bool in = term->op == FILTER_COLON      ? i == choice
                  : term->op == FILTER_AT_LEAST ? i >= choice
                  : term->op == FILTER_AT_MOST  ? i <= choice
                  : term->op == FILTER_ABOVE    ? i > choice
                                                : i < choice;
        if (in)
            term->choices |= 1u << i;
    }
    if (term->choices == 0) {
        fail_at(parser, where, "nothing is %s %s", term->op == FILTER_ABOVE ? "above" : "below", value);
        return nb_error_hint(parser->err, "%s:%s takes exactly that one", term->word->name, value);
    }
    return 0;
}

/* A date has a dash after its year; anything else must be a duration. */
static int set_time(const struct parser *parser, struct filter_value *value, const char *where)
{
    struct nb_error why = {0};
    int rc;

    value->relative = !strchr(value->text, '-');
    if (value->relative)
        rc = nb_duration_parse(&value->micros, value->text, &why);
    else
        rc = nb_time_parse(&value->micros, value->text, &why);
    if (rc == 0)
        return 0;
    fail_at(parser, where, "\"%s\" is neither a duration nor a date", value->text);
    return nb_error_hint(parser->err, "durations are 90s 15m 4h 2d 1w; dates are 2026-11-01 or 2026-11-01T14:30");
}

static int finish_value(const struct parser *parser, struct filter_term *term, struct filter_value *value, bool quoted,
                        const char *where)
{
    switch (term->word->kind) {
    case NB_WORD_TIME:
        if (term->values.count > 1)
            return fail_at(parser, where, "%s: takes one time", term->word->name);
        return set_time(parser, value, where);
    case NB_WORD_PATTERN:
    case NB_WORD_NAME:
        value->literal = quoted && (filter_choice_find(term->word, value->text) >= 0 ||
                                    (term->word->kind == NB_WORD_PATTERN && strchr(value->text, '*')));
        return 0;
    default:
        return 0;
    }
}

static bool holds_value(const struct filter_term *term, const struct filter_value *value)
{
    for (size_t i = 0; i < term->values.count; i++) {
        if (strcmp(term->values.data[i].text, value->text) == 0 && term->values.data[i].literal == value->literal)
            return true;
    }
    return false;
}

static int parse_value(struct parser *parser, struct filter_term *term)
{
    const char *where = parser->at;
    bool quoted = *parser->at == '"';
    struct filter_value value = {0};
    int rc;

    if (quoted && (rc = read_quoted(parser, &value.text)) < 0)
        return rc;
    if (!quoted)
        value.text = read_plain(parser, true);
    if (value.text[0] == '\0') {
        free(value.text);
        return fail_at(parser, where, "%s: a value is missing", term->word->name);
    }
    if (term->word->kind <= NB_WORD_SCALE) {
        rc = set_choice(parser, term, value.text, where);
        free(value.text);
        return rc;
    }
    nb_vec_push(&term->values, value);
    if ((rc = finish_value(parser, term, nb_vec_last(&term->values), quoted, where)) < 0)
        return rc;
    value = *nb_vec_last(&term->values);
    term->values.count--;
    if (holds_value(term, &value))
        free(value.text);
    else
        nb_vec_push(&term->values, value);
    return 0;
}

static int parse_values(struct parser *parser, struct filter_term *term)
{
    const char *start = parser->at;
    int rc;

    for (size_t count = 1;; count++) {
        if (count > FILTER_MAX_VALUES)
            return fail_at(parser, parser->at, "more than %d values in one term", FILTER_MAX_VALUES);
        if ((rc = parse_value(parser, term)) < 0)
            return rc;
        if (at_end(parser))
            return 0;
        if (*parser->at != ',')
            return fail_at(parser, parser->at, "expected a comma or a blank behind the closing quote");
        if (term->op != FILTER_COLON || term->word->kind == NB_WORD_ORDER)
            return fail_at(parser, start, "%s%s takes one value", term->word->name, filter_operator_text(term->op));
        parser->at++;
    }
}

/* ---- terms ---- */

static int unknown_word(const struct parser *parser, const char *start, size_t length)
{
    const struct nb_subject_info *other = known_elsewhere(parser, start, length, NULL);
    struct nb_strbuf words;

    nb_strbuf_init(&words, NB_FILTER_MAX);
    filter_list_words(&words, parser->subject);
    if (other)
        fail_at(parser, start, "%.*s: belongs to %s, not to %s", (int)length, start, other->name,
                nb_subject_info(parser->subject)->name);
    else
        fail_at(parser, start, "unknown word \"%.*s\"", (int)length, start);
    nb_error_hint(parser->err, "possible are %s; to search for the text itself, put it in quotes", words.data);
    nb_strbuf_clear(&words);
    return NB_EINVALID;
}

/* The length of the operator at `at`, 0 where there is none. Recognises "!=" only to refuse it with advice. */
static size_t read_operator(const char *at, enum filter_operator *op)
{
    static const struct {
        const char *text;
        enum filter_operator op;
    } operators[] = {{":", FILTER_COLON}, {">=", FILTER_AT_LEAST}, {"<=", FILTER_AT_MOST}, {">", FILTER_ABOVE},
                     {"<", FILTER_BELOW}, {"=", FILTER_COLON},     {"!=", FILTER_COLON}};

    for (size_t i = 0; i < NB_ARRAY_SIZE(operators); i++) {
        if (strncmp(at, operators[i].text, strlen(operators[i].text)) == 0) {
            *op = operators[i].op;
            return strlen(operators[i].text);
        }
    }
    return 0;
}

/* The length of a word: a letter, then letters and underscores, before an operator. Anything else is text to search
 * for, and gives 0. */
static size_t word_length(const char *at)
{
    size_t length = 0;

    while (isalpha((unsigned char)at[length]) || (length > 0 && at[length] == '_'))
        length++;
    return length;
}

static int parse_word_term(struct parser *parser, struct filter_term *term, size_t length, size_t operator_length)
{
    const char *start = parser->at;

    term->word = filter_word_find(parser->subject, start, length);
    if (!term->word)
        return unknown_word(parser, start, length);
    if (start[length] == '!') {
        fail_at(parser, start + length, "there is no \"!=\"");
        return nb_error_hint(parser->err, "a dash in front negates: -%s:…", term->word->name);
    }
    if (term->word->kind == NB_WORD_ORDER && term->negated) {
        fail_at(parser, start - 1, "%s: cannot be negated", term->word->name);
        return nb_error_hint(parser->err, "write %s:VALUE", term->word->name);
    }
    if (term->op != FILTER_COLON && term->word->kind != NB_WORD_SCALE) {
        fail_at(parser, start + length, "%s: has no order to compare", term->word->name);
        return nb_error_hint(parser->err, "write %s:VALUE", term->word->name);
    }
    parser->at += length + operator_length;
    return parse_values(parser, term);
}

static int parse_text_term(struct parser *parser, struct filter_term *term)
{
    struct filter_value value = {0};
    int rc;

    term->word = filter_word_text();
    term->op = FILTER_COLON;
    if (*parser->at != '"') {
        value.text = read_plain(parser, false);
    } else if ((rc = read_quoted(parser, &value.text)) < 0) {
        return rc;
    } else if (!at_end(parser)) {
        free(value.text);
        return fail_at(parser, parser->at, "expected a blank behind the closing quote");
    }
    nb_vec_push(&term->values, value);
    return 0;
}

static int parse_term(struct parser *parser, struct filter_term *term)
{
    size_t length, operator_length;

    if (*parser->at == '-' && parser->at[1] && !isspace((unsigned char)parser->at[1])) {
        term->negated = true;
        parser->at++;
    }
    length = word_length(parser->at);
    operator_length = length ? read_operator(parser->at + length, &term->op) : 0;
    if (operator_length)
        return parse_word_term(parser, term, length, operator_length);
    return parse_text_term(parser, term);
}

static bool holds_term(const struct nb_filter *filter, const struct filter_term *term)
{
    for (size_t i = 0; i < filter->terms.count; i++) {
        if (filter_term_equal(&filter->terms.data[i], term))
            return true;
    }
    return false;
}

/* Whether the filter says already how it sorts, and otherwise than this term. */
static bool sorts_otherwise(const struct nb_filter *filter, const struct filter_term *term)
{
    for (size_t i = 0; i < filter->terms.count && term->word->kind == NB_WORD_ORDER; i++) {
        if (filter->terms.data[i].word == term->word && filter->terms.data[i].choices != term->choices)
            return true;
    }
    return false;
}

static int parse_terms(struct parser *parser, struct nb_filter *filter)
{
    int rc;

    for (;;) {
        struct filter_term term = {0};
        const char *start;

        while (isspace((unsigned char)*parser->at))
            parser->at++;
        if (*parser->at == '\0')
            return 0;
        if (filter->terms.count == FILTER_MAX_TERMS)
            return fail_at(parser, parser->at, "more than %d terms", FILTER_MAX_TERMS);
        start = parser->at;
        if ((rc = parse_term(parser, &term)) == 0 && sorts_otherwise(filter, &term))
            rc = fail_at(parser, start, "%s: stands here twice", term.word->name);
        if (rc < 0) {
            filter_term_clear(&term);
            return rc;
        }
        if (holds_term(filter, &term))
            filter_term_clear(&term);
        else
            nb_vec_push(&filter->terms, term);
    }
}

int nb_filter_parse(struct nb_filter **out, enum nb_subject subject, const char *text, struct nb_error *err)
{
    struct parser parser = {subject, text ? text : "", text ? text : "", err};
    struct nb_filter *filter = NULL;
    int rc;

    *out = NULL;
    if (strlen(parser.text) > NB_FILTER_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "filter: longer than %d bytes", NB_FILTER_MAX);
    if (!nb_utf8_valid(parser.text, strlen(parser.text)))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "filter: not valid UTF-8");
    filter = nb_calloc(1, sizeof(*filter));
    filter->subject = subject;
    if ((rc = parse_terms(&parser, filter)) < 0 || (rc = filter_finish(filter, err)) < 0) {
        nb_filter_free(&filter);
        return rc;
    }
    *out = filter;
    return 0;
}

struct nb_filter *nb_filter_copy(const struct nb_filter *filter)
{
    struct nb_filter *copy = NULL;

    /* the canonical text parses to an equal filter */
    if (filter && nb_filter_parse(&copy, filter->subject, nb_filter_text(filter), NULL) < 0)
        nb_fatal("a filter's own text does not parse");
    if (copy)
        copy->order = filter->order;
    return copy;
}
