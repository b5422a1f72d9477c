/*
 * cursor.c - a cursor is base64url of "o" or "n", eight digits of the filter, and the place as `--before` takes it.
 */
#include "gateway/cursor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define MARK_SIZE 10 /* direction, eight digits, NUL */

/* FNV-1a: it guards against mistakes only; what a cursor shows is what the token may see anyhow. */
static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

static void make_mark(char mark[MARK_SIZE], const struct nb_filter *filter, enum nb_direction direction)
{
    snprintf(mark, MARK_SIZE, "%c%08x", direction == NB_OLDER ? 'o' : 'n',
             (unsigned)hash_text(filter ? nb_filter_text(filter) : ""));
}

void gateway_cursor_append(struct nb_strbuf *out, enum nb_subject subject, const struct nb_filter *filter,
                           enum nb_direction direction, const struct nb_row *row)
{
    const struct nb_order *order = nb_filter_order(filter, subject);
    struct nb_place place = nb_place_of(order, row);
    char text[MARK_SIZE + NB_CURSOR_TEXT_SIZE];

    make_mark(text, filter, direction);
    nb_cursor_format(&place, subject, order, text + strlen(text));
    nb_base64url_append(out, (const unsigned char *)text, strlen(text));
}

int gateway_cursor_parse(struct nb_place *place, enum nb_direction *direction, enum nb_subject subject,
                         const struct nb_filter *filter, const char *text, struct nb_error *err)
{
    size_t size = 0;
    char *plain = (char *)nb_base64url_decode(text, strlen(text), &size);
    char mark[MARK_SIZE];
    int rc = NB_EUSAGE;

    if (plain && size > MARK_SIZE - 1 && strlen(plain) == size) {
        *direction = plain[0] == 'o' ? NB_OLDER : NB_NEWER;
        make_mark(mark, filter, *direction);
        if (strncmp(plain, mark, MARK_SIZE - 1) == 0)
            rc = nb_cursor_parse(place, subject, nb_filter_order(filter, subject), plain + MARK_SIZE - 1, NULL);
    }
    free(plain);
    if (rc == NB_OK)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "the cursor is not one of this filter's pages");
    return nb_error_hint(err, "take page.next or page.prev of an answer, with the same filter");
}
