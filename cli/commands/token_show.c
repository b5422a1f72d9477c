/*
 * token_show.c - `nightbell token show`: what a token contains. Nothing is verified: anybody may have written it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "cli/commands/token.h"

#define TEXT_LIMIT (64 * 1024)

static bool is_time(const char *claim)
{
    static const char *const times[] = {"exp", "nbf", "iat", "auth_time", "updated_at"};

    for (size_t i = 0; i < NB_ARRAY_SIZE(times); i++)
        if (strcmp(claim, times[i]) == 0)
            return true;
    return false;
}

/* "2026-11-21 22:00:00, in 12h". Adds a second, so that a token just minted for 12 h does not read "in 11h", and no
 * time reads "now ago". */
static void append_time(struct nb_strbuf *out, int64_t time, int64_t now)
{
    char text[NB_TIME_TEXT_SIZE];

    nb_strbuf_append(out, nb_time_format_local(time, text));
    if (time > now)
        nb_strbuf_appendf(out, ", in %s", nb_time_format_age(now - 1000000, time, text));
    else
        nb_strbuf_appendf(out, ", %s ago", nb_time_format_age(time - 1000000, now, text));
}

static void append_value(struct nb_strbuf *out, const char *name, const json_t *value, const struct nb_token *token)
{
    int64_t time = NB_TIME_NONE;
    char *text;

    if (is_time(name) && json_object_get(token->claims, name) == value &&
        nb_token_time(&time, token, name, NULL) == 0) {
        append_time(out, time, nb_now());
    } else if (json_is_string(value)) {
        nb_strbuf_append(out, json_string_value(value));
    } else {
        text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        nb_strbuf_append(out, text ? text : "?");
        free(text);
    }
}

static void print_members(struct output *output, const char *heading, const json_t *object,
                          const struct nb_token *token)
{
    const char *name;
    json_t *value;

    output_line(output, "%s", heading);
    json_object_foreach((json_t *)object, name, value)
    {
        struct nb_strbuf text;

        nb_strbuf_init(&text, TEXT_LIMIT);
        append_value(&text, name, value, token);
        output_line(output, "  %-10s %s", name, text.data);
        nb_strbuf_clear(&text);
    }
}

static void print_end(struct output *output, const struct nb_token *token)
{
    char text[NB_TIME_TEXT_SIZE];
    int64_t ends, now = nb_now();

    if (nb_token_time(&ends, token, "exp", NULL) < 0 || ends == NB_TIME_NONE)
        output_line(output, "It has no end, so it is accepted nowhere.");
    else if (ends <= now)
        output_line(output, "It has expired.");
    else
        output_line(output, "It ends in %s.", nb_time_format_age(now - 1000000, ends, text));
    output_line(output, "Not verified: anybody may have written this. nightbell token verify tells "
                        "whether it is accepted.");
}

static void print_json(struct output *output, const struct nb_token *token)
{
    char text[NB_TIME_TEXT_SIZE];
    int64_t ends = NB_TIME_NONE, left;
    json_t *object = json_pack("{s:b, s:O, s:O}", "verified", 0, "header", token->header, "claims", token->claims);

    if (nb_token_time(&ends, token, "exp", NULL) == 0 && ends != NB_TIME_NONE) {
        left = (ends - nb_now()) / 1000000;
        json_object_set_new(object, "expires_at", json_string(nb_time_format_rfc3339(ends, text)));
        json_object_set_new(object, "remaining_seconds", json_integer(left > 0 ? left : 0));
    }
    output_json_take(output, object);
}

int token_show(struct command_call *call, struct nb_error *err)
{
    struct nb_token *token = NULL;
    char *text = NULL;
    int rc;

    if ((rc = token_read(&text, call, err)) == NB_OK && (rc = nb_token_decode(&token, text, err)) == NB_OK) {
        if (output_is_json(call->output)) {
            print_json(call->output, token);
        } else {
            print_members(call->output, "header", token->header, token);
            print_members(call->output, "claims", token->claims, token);
            print_end(call->output, token);
        }
    }
    nb_token_free(&token);
    free(text);
    return rc;
}
