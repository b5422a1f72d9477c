/*
 * sms.c - GSM 03.38 and UCS-2: sizes and cutting. A pair of UTF-16 units, and an escaped septet, is never split between
 * segments, so a segment may end one unit early.
 */
#include "channels/sms.h"

#include <stdlib.h>
#include <string.h>

#include "base/codepoint.h"
#include "base/strbuf.h"

#define E164_DIGITS_MIN 7
#define E164_DIGITS_MAX 15

/* What GSM 03.38 has beyond printable ASCII, and what it has not of that. */
static const int32_t gsm_letters[] = {
    '\n',   '\r',   0x00A3, 0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC, 0x00F2, 0x00C7, 0x00D8, 0x00F8, 0x00C5, 0x00E5,
    0x0394, 0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8, 0x03A3, 0x0398, 0x039E, 0x00C6, 0x00E6, 0x00DF, 0x00C9,
    0x00A4, 0x00A1, 0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7, 0x00BF, 0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0};
static const int32_t gsm_escaped[] = {'^', '{', '}', '\\', '[', '~', ']', '|', '\f', 0x20AC};
static const int32_t not_gsm[] = {'`'};

struct alphabet {
    bool ucs2;
    size_t alone, each; /* units of a single segment, of each of several */
};
static const struct alphabet gsm = {false, 160, 153}, ucs2 = {true, 70, 67};

static bool is_among(const int32_t *list, size_t count, int32_t codepoint)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == codepoint)
            return true;
    return false;
}

/* Septets that the character takes: 1 or 2; 0: GSM has none. */
static size_t septets(int32_t codepoint)
{
    if (is_among(gsm_escaped, NB_ARRAY_SIZE(gsm_escaped), codepoint))
        return 2;
    if (codepoint >= ' ' && codepoint <= '~')
        return is_among(not_gsm, NB_ARRAY_SIZE(not_gsm), codepoint) ? 0 : 1;
    return is_among(gsm_letters, NB_ARRAY_SIZE(gsm_letters), codepoint);
}

static size_t next(const char *text, int32_t *codepoint)
{
    size_t length = nb_codepoint_next(text, SIZE_MAX, codepoint);

    if (length > 0)
        return length;
    *codepoint = NB_CODEPOINT_REPLACEMENT;
    return 1;
}

static const struct alphabet *alphabet_of(const char *text)
{
    int32_t codepoint;

    while (*text) {
        text += next(text, &codepoint);
        if (septets(codepoint) == 0)
            return &ucs2;
    }
    return &gsm;
}

/* Lays the text out in segments of `size` units, as far as `segments` (SIZE_MAX: all of it). Returns the bytes that fit. */
static size_t lay_out(struct nb_sms_size *out, const struct alphabet *alphabet, const char *text, size_t size,
                      size_t segments)
{
    size_t used = 0, at = 0; /* used: of the last segment */
    int32_t codepoint;

    *out = (struct nb_sms_size){.ucs2 = alphabet->ucs2};
    while (text[at]) {
        size_t length = next(text + at, &codepoint);
        size_t units = alphabet->ucs2 ? (codepoint > 0xFFFF ? 2 : 1) : septets(codepoint);

        if (out->segments == 0 || used + units > size) {
            if (out->segments == segments)
                break;
            out->segments++;
            used = 0;
        }
        used += units;
        out->units += units;
        at += length;
    }
    return at;
}

struct nb_sms_size nb_sms_measure(const char *text)
{
    const struct alphabet *alphabet = alphabet_of(text);
    struct nb_sms_size size;

    lay_out(&size, alphabet, text, alphabet->alone, SIZE_MAX);
    if (size.segments > 1)
        lay_out(&size, alphabet, text, alphabet->each, SIZE_MAX);
    return size;
}

/* Whether the character joins the one before it, so that the two are not to be parted. */
static bool joins(const char *text)
{
    int32_t codepoint;

    next(text, &codepoint);
    return *text && (nb_codepoint_is_mark(codepoint) || codepoint == NB_CODEPOINT_ZWJ);
}

static size_t one_less(const char *text, size_t length)
{
    do
        length--;
    while (length > 0 && (((unsigned char)text[length] & 0xC0) == 0x80 || joins(text + length)));
    return length;
}

char *nb_sms_cut(const char *text, size_t segments)
{
    const struct alphabet *alphabet = alphabet_of(text);
    size_t wanted = segments > 1 ? alphabet->each : alphabet->alone, length;
    struct nb_sms_size size;

    if (nb_sms_measure(text).segments <= segments)
        return nb_strdup(text);
    length = lay_out(&size, alphabet, text, wanted, segments);
    while (length > 0) {
        char *cut;

        length = one_less(text, length);
        cut = nb_asprintf("%.*s...", (int)length, text);
        if (nb_sms_measure(cut).segments <= segments)
            return cut;
        free(cut);
    }
    return nb_strdup("...");
}

int nb_phone_check(const char *number, struct nb_error *err)
{
    size_t digits = number[0] == '+' ? strspn(number + 1, "0123456789") : 0;

    if (digits < E164_DIGITS_MIN || digits > E164_DIGITS_MAX || number[1 + digits] || number[1] == '0')
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "expected a phone number with its country, such as +4915112345678");
    return 0;
}
