/*
 * term_say.c - bell, title, desktop notifications, clipboard: the terminal's sequences other than drawing.
 */
#include "config.h"

#include <string.h>

#include "tui/term/surroundings.h"
#include "tui/term/term_internal.h"

/* Sends a sequence that a multiplexer would otherwise keep to itself. */
static bool offer_outside(struct term *term, const struct nb_strbuf *sequence)
{
    struct nb_strbuf wrapped;
    bool sent;

    nb_strbuf_init(&wrapped, SIZE_MAX / 2);
    sequence_pass_through(&wrapped, term_kind(term).multiplexer, sequence->data, sequence->length);
    sent = term_offer(term, wrapped.data, wrapped.length);
    nb_strbuf_clear(&wrapped);
    return sent;
}

void term_bell(struct term *term)
{
    if (term_kind(term).ready)
        (void)term_offer(term, "\a", 1);
}

bool term_title(struct term *term, const char *title)
{
    const char *last = term_last_title(term);
    struct term_kind kind = term_kind(term);
    struct nb_strbuf sequence;
    bool sent;

    if (!kind.may_title || !kind.xterm_like || !kind.ready || (last && strcmp(last, title) == 0))
        return true;
    nb_strbuf_init(&sequence, SIZE_MAX / 2);
    sequence_title(&sequence, title);
    sent = term_offer(term, sequence.data, sequence.length);
    if (sent)
        term_keep_title(term, title);
    nb_strbuf_clear(&sequence);
    return sent;
}

void term_notify(struct term *term, const char *title, const char *body)
{
    struct term_kind kind = term_kind(term);
    struct nb_strbuf sequence;

    if (!kind.xterm_like || !kind.ready)
        return;
    nb_strbuf_init(&sequence, SIZE_MAX / 2);
    sequence_notify(&sequence, surroundings_notify(kind.type), title, body);
    (void)offer_outside(term, &sequence);
    nb_strbuf_clear(&sequence);
}

int term_copy(struct term *term, const char *text, size_t length, struct nb_error *err)
{
    struct term_kind kind = term_kind(term);
    struct nb_strbuf sequence;
    int rc;

    if (!kind.xterm_like || !kind.ready)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "this terminal has no clipboard");
    nb_strbuf_init(&sequence, SIZE_MAX / 2);
    rc = sequence_copy(&sequence, text, length, err);
    if (rc == 0) {
        /* depending on its configuration tmux handles the sequence, passes it on, or neither; sending both forms
         * reaches most people */
        if (kind.multiplexer == MULTIPLEXER_TMUX)
            (void)term_offer(term, sequence.data, sequence.length);
        if (!offer_outside(term, &sequence))
            rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "not copied: the terminal does not read");
    }
    nb_strbuf_clear(&sequence);
    return rc;
}
