/*
 * ids.c - short ids: their form, and the rows that they mean.
 */
#include "page/ids.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define SHOWN 8

static const char digits[] = "0123456789", hexadecimal[] = "0123456789abcdefABCDEF";

bool nb_key_is_short(enum nb_subject subject, const char *text)
{
    size_t length = strspn(text, hexadecimal);

    return nb_subject_info(subject)->has_short_ids && text[length] == '\0' && length >= NB_SHORT_ID_MIN &&
           length <= NB_SHORT_ID_MAX;
}

const char *nb_key_format_short(const struct nb_key *key, enum nb_subject subject, char text[NB_KEY_TEXT_SIZE])
{
    char whole[NB_KEY_TEXT_SIZE];
    size_t length, shown = SHOWN;

    if (!nb_subject_info(subject)->has_short_ids)
        return nb_key_format(key, subject, text);
    nb_key_format(key, subject, whole);
    length = strlen(whole);
    while (shown < NB_SHORT_ID_MAX && strspn(whole + length - shown, digits) == shown)
        shown++;
    memcpy(text, whole + length - shown, shown + 1);
    return text;
}

bool nb_key_ends(const struct nb_key *key, enum nb_subject subject, const char *ending)
{
    char whole[NB_KEY_TEXT_SIZE];
    size_t length = strlen(nb_key_format(key, subject, whole)), wanted = strlen(ending);

    return wanted <= length && strcasecmp(whole + length - wanted, ending) == 0;
}

struct ending_call {
    enum nb_subject subject;
    char **endings;
    size_t count;
    nb_keys_done *done;
    void *arg;
};

static void call_free(void *arg)
{
    struct ending_call *call = arg;

    for (size_t i = 0; i < call->count; i++)
        free(call->endings[i]);
    free(call->endings);
    free(call);
}

static bool is_meant(const struct ending_call *call, const struct nb_key *key)
{
    for (size_t i = 0; i < call->count; i++)
        if (nb_key_ends(key, call->subject, call->endings[i]))
            return true;
    return false;
}

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct ending_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result), meant = 0;
    struct nb_key *keys = nb_calloc(count + 1, sizeof(*keys));

    for (size_t i = 0; i < count; i++) {
        struct nb_uuid id = nb_result_uuid(result, i, 0);

        keys[meant] = nb_key_from_uuid(&id);
        meant += is_meant(call, &keys[meant]);
    }
    call->done(call->arg, keys, meant, err);
    free(keys);
}

struct nb_request *nb_keys_ending(struct nb_connection *connection, enum nb_subject subject, const char *const *endings,
                                  size_t count, nb_keys_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = call_free};
    struct nb_params *params = nb_params_new();
    struct ending_call *call = nb_calloc(1, sizeof(*call));

    *call = (struct ending_call){.subject = subject, .count = count, .done = done, .arg = arg};
    call->endings = nb_calloc(count + 1, sizeof(*call->endings));
    for (size_t i = 0; i < count; i++) {
        call->endings[i] = nb_strdup(endings[i]);
        for (char *c = call->endings[i]; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    }
    nb_params_text_array(params, (const char *const *)call->endings, count);
    return nb_query(connection, nb_subject_info(subject)->ending, params, &options, answered, call);
}
