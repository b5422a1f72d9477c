/*
 * channels_list.c - `nightbell channels list`: what this host's channels.conf says, beside what the database knows.
 */
#include "cli/commands/channels.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "channels/sender.h"
#include "cli/frame/session.h"
#include "cli/rows/listing.h"

enum {
    NAME,
    KIND,
    NEEDS_ADDRESS,
    KNOWN_AT,
    RULES,
    ADDRESSES,
    WAITING,
    OLDEST,
    SENT_AT,
    FAILED_AT,
    ERROR,
    BREAKER,
    BREAKER_UNTIL,
    DOWN
};

/* A channel of the file, of the database, or of both. */
struct known {
    const struct nb_channel *configured; /* NULL: not in the file */
    const struct nb_result *result;      /* NULL: no worker has told of it */
    size_t row;
};

static const struct listing_column columns[] = {
    {.title = "CHANNEL", .minimum = 7},
    {.title = "KIND", .minimum = 7, .drop = 4},
    {.title = "BY", .minimum = 8, .maximum = 40, .drop = 3},
    {.title = "RULES", .minimum = 5, .right = true, .drop = 6},
    {.title = "ADDRESSES", .minimum = 9, .right = true, .drop = 5},
    {.title = "WAITING", .minimum = 7, .right = true},
    {.title = "LAST SENT", .minimum = 12, .drop = 2},
    {.title = "STATE", .minimum = 8},
    {.title = "LAST ERROR", .minimum = 12, .flexible = true, .drop = 1},
};

/* Whom it hands messages to: a URL, a program. NULL: the file does not say, or that is the addresses' business. */
static const char *provider_of(const struct nb_channel *channel)
{
    const char *const *command = channel ? nb_channel_command(channel, "command") : NULL;

    return command ? command[0] : channel ? nb_channel_text(channel, "url") : NULL;
}

static const char *name_of(const struct known *known)
{
    return known->result ? nb_result_text(known->result, known->row, NAME) : known->configured->name;
}

/* As the file has it; a worker that starts with it tells the database. */
static const char *kind_of(const struct known *known)
{
    return known->configured ? known->configured->ops->kind : nb_result_text(known->result, known->row, KIND);
}

static bool tells(const struct known *known, int column)
{
    return known->result && !nb_result_is_null(known->result, known->row, column);
}

/* ---- for programs ---- */

static json_t *count_json(const struct known *known, int column)
{
    return tells(known, column) ? json_integer(nb_result_int(known->result, known->row, column)) : json_null();
}

static json_t *time_json(const struct known *known, int column)
{
    char text[NB_TIME_TEXT_SIZE];

    return tells(known, column)
               ? json_string(nb_time_format_rfc3339(nb_result_time(known->result, known->row, column), text))
               : json_null();
}

static json_t *text_json(const struct known *known, int column)
{
    return tells(known, column) ? json_string(nb_result_text(known->result, known->row, column)) : json_null();
}

static bool needs_address(const struct known *known)
{
    return known->configured ? nb_channel_needs_address(known->configured)
                             : nb_result_bool(known->result, known->row, NEEDS_ADDRESS);
}

static json_t *as_json(const struct known *known)
{
    return json_pack(
        "{s:s, s:s?, s:s?, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "channel", name_of(known),
        "kind", kind_of(known), "provider", provider_of(known->configured), "configured", known->configured != NULL,
        "needs_address", needs_address(known), "known_at", time_json(known, KNOWN_AT), "rules",
        count_json(known, RULES), "addresses", count_json(known, ADDRESSES), "waiting", count_json(known, WAITING),
        "oldest", time_json(known, OLDEST), "last_sent_at", time_json(known, SENT_AT), "last_failed_at",
        time_json(known, FAILED_AT), "last_error", text_json(known, ERROR), "breaker", text_json(known, BREAKER),
        "breaker_until", time_json(known, BREAKER_UNTIL), "down", count_json(known, DOWN));
}

/* ---- for people ---- */

static void count_cell(struct listing *listing, const struct known *known, int column)
{
    char text[24] = "";

    if (tells(known, column))
        nb_text_format(text, sizeof(text), "%lld", (long long)nb_result_int(known->result, known->row, column));
    listing_cell(listing, text, LISTING_PLAIN);
}

/* "well", "down until 12:30", "being tried", and how many places of several are not well. */
static void state_cell(struct listing *listing, const struct known *known)
{
    const char *breaker = tells(known, BREAKER) ? nb_result_text(known->result, known->row, BREAKER) : NULL;
    long long down = tells(known, DOWN) ? (long long)nb_result_int(known->result, known->row, DOWN) : 0;
    char until[NB_TIME_TEXT_SIZE] = "", *state;

    if (!known->result) {
        listing_cell(listing, "no worker has told of it", LISTING_WARNING);
        return;
    }
    if (!breaker || strcmp(breaker, "closed") == 0) {
        listing_cell(listing, breaker ? "well" : NULL, LISTING_PLAIN);
        return;
    }
    if (tells(known, BREAKER_UNTIL))
        nb_time_format_local(nb_result_time(known->result, known->row, BREAKER_UNTIL), until);
    state = until[0] ? nb_asprintf("down until %s", until) : nb_strdup("being tried");
    if (down > 1) {
        char *with = nb_asprintf("%s (%lld places)", state, down);

        free(state);
        state = with;
    }
    listing_cell(listing, state, until[0] ? LISTING_ALARM : LISTING_WARNING);
    free(state);
}

static void add_row(struct listing *listing, const struct known *known)
{
    char sent[NB_TIME_TEXT_SIZE] = "";

    if (tells(known, SENT_AT))
        nb_time_format_local(nb_result_time(known->result, known->row, SENT_AT), sent);
    listing_cell(listing, name_of(known), LISTING_STRONG);
    listing_cell(listing, kind_of(known), LISTING_PLAIN);
    listing_cell(listing, provider_of(known->configured), LISTING_PLAIN);
    count_cell(listing, known, RULES);
    count_cell(listing, known, ADDRESSES);
    count_cell(listing, known, WAITING);
    listing_cell(listing, sent, LISTING_PLAIN);
    state_cell(listing, known);
    listing_cell(listing, tells(known, ERROR) ? nb_result_text(known->result, known->row, ERROR) : NULL, LISTING_DIM);
    listing_end_row(listing);
}

/* ---- the command ---- */

static bool is_among(const struct nb_result *result, const char *name)
{
    for (size_t row = 0; row < nb_result_rows(result); row++)
        if (strcmp(nb_result_text(result, row, NAME), name) == 0)
            return true;
    return false;
}

static void show(const struct command_call *call, struct listing *listing, const struct known *known)
{
    if (listing)
        add_row(listing, known);
    else
        output_json_take(call->output, as_json(known));
}

/* Those of the database in its order, then those that only the file has. */
static void show_all(const struct command_call *call, const struct nb_channels *file, const struct nb_result *result)
{
    struct listing *listing =
        output_is_json(call->output) ? NULL : listing_new(call->output, columns, NB_ARRAY_SIZE(columns));

    for (size_t row = 0; row < nb_result_rows(result); row++) {
        const struct known known = {
            .configured = nb_channels_find(file, nb_result_text(result, row, NAME)), .result = result, .row = row};

        show(call, listing, &known);
    }
    for (size_t i = 0; i < file->list.count; i++) {
        const struct known known = {.configured = &file->list.data[i]};

        if (!is_among(result, known.configured->name))
            show(call, listing, &known);
    }
    if (listing)
        listing_print(listing);
    listing_free(&listing);
}

int channels_list(struct command_call *call, struct nb_error *err)
{
    static const struct session_options options = {.login = SESSION_MANAGER};
    struct nb_channels *file = NULL;
    struct nb_result *result = NULL;
    int rc;

    if ((rc = nb_channels_read(&file, command_text(call, "channels"), NULL, NULL, err)) == NB_OK &&
        (rc = session_ask(&result, call, &options, NB_SQL_CHANNELS_REPORT, NULL, err)) == NB_OK)
        show_all(call, file, result);
    nb_result_free(&result);
    nb_channels_free(&file);
    return rc;
}
