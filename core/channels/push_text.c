/*
 * push_text.c - what both services of the kind "push" share: a text that is cut to fit, and a refusal.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "channels/push_internal.h"

void push_refuse(struct nb_send **out, struct push *push, const char *error, nb_send_done *done, void *arg)
{
    struct nb_send_answer answer = {.outcome = NB_SEND_FAILED, .error = error, .retry_after_ms = -1};

    nb_send_answered(out, push->context, &answer, done, arg);
}

/* The text's first `kept` bytes, cut between characters, with … behind it where that is not all of it. */
static char *cut_text(const char *text, size_t kept)
{
    char *cut = nb_malloc(kept + 1), *marked;

    nb_text_copy(cut, kept + 1, text);
    if (strlen(text) <= kept)
        return cut;
    marked = nb_asprintf("%s…", cut);
    free(cut);
    return marked;
}

char *push_body(const struct push *push, const struct nb_message *message, push_make *make, size_t limit)
{
    const char *text = message->body ? message->body : "";
    size_t length = strlen(text);

    /* A byte of the text may take six in JSON, so what is kept of it is found by trying less and less. */
    for (size_t kept = length < limit ? length : limit;; kept -= (kept + 7) / 8) {
        char *cut = cut_text(text, kept);
        json_t *root = make(push, message, cut);
        char *body = root ? json_dumps(root, JSON_COMPACT) : NULL;

        json_decref(root);
        free(cut);
        if (body && strlen(body) <= limit)
            return body;
        free(body);
        if (kept == 0)
            return NULL;
    }
}
