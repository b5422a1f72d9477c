/*
 * mail_address.c - mailboxes as people write them: read strictly, for they become headers and commands of SMTP.
 */
#include "config.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "channels/mail.h"

#define LOCAL_PART_MAX 64 /* RFC 5321 */
#define DOMAIN_MAX     253
#define LABEL_MAX      63

static int refuse(const char *text, const char *why, struct nb_error *err)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                        "expected an address such as ada@example.org, not \"%.80s\": %s", text, why);
}

static bool is_alphanumeric(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* RFC 5322's dot-atom, with the other letters of RFC 6531. */
static bool is_local_part(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '.' ? i == 0 || i + 1 == length || text[i - 1] == '.'
                     : c < 0x80 && !is_alphanumeric(c) && (!c || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
            return false;
    }
    return length > 0 && length <= LOCAL_PART_MAX;
}

static bool is_ascii_domain(const char *text)
{
    size_t label = 0;

    if (strlen(text) > DOMAIN_MAX)
        return false;
    for (const char *c = text; *c; c++) {
        if (*c == '.' ? label == 0 || c[-1] == '-' : !is_alphanumeric((unsigned char)*c) && (*c != '-' || label == 0))
            return false;
        label = *c == '.' ? 0 : label + 1;
        if (label > LABEL_MAX)
            return false;
    }
    return label > 0 && text[strlen(text) - 1] != '-';
}

/* libcurl converts by the locale, which may know ASCII only. NULL: the domain has no ASCII form; for idn2_free(). */
static char *domain_in_ascii(const char *domain)
{
    char *out = NULL;

    return idn2_to_ascii_8z(domain, &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK ? out : NULL;
}

static int read_address(char **out, const char *text, struct nb_error *err)
{
    const char *at = strrchr(text, '@');
    char *domain = NULL;
    int rc = NB_OK;

    if (!at || !is_local_part(text, (size_t)(at - text)))
        return refuse(text, "what stands before the @ is none", err);
    for (const char *c = at + 1; *c; c++)
        if ((unsigned char)*c >= 0x80 && !domain)
            domain = domain_in_ascii(at + 1);
    if (is_ascii_domain(domain ? domain : at + 1))
        *out = nb_asprintf("%.*s@%s", (int)(at - text), text, domain ? domain : at + 1);
    else
        rc = refuse(text, "what stands behind the @ is no domain", err);
    idn2_free(domain);
    return rc;
}

/* The name before <, without quotes around it and blanks. NULL: none. */
static int read_name(char **out, const char *text, size_t length, struct nb_error *err)
{
    struct nb_strbuf name;
    bool quoted;

    while (length > 0 && text[length - 1] == ' ')
        length--;
    quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
    if (length > NB_MAIL_NAME_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "a name before an address has at most %d bytes",
                            NB_MAIL_NAME_MAX);
    nb_strbuf_init(&name, NB_MAIL_NAME_MAX);
    for (size_t i = quoted; i < length - quoted; i++) {
        if (quoted && text[i] == '\\' && i + 1 < length - quoted)
            i++;
        nb_strbuf_append_char(&name, text[i]);
    }
    if (name.length > 0)
        *out = nb_strbuf_take(&name);
    nb_strbuf_clear(&name);
    return NB_OK;
}

int nb_mailbox_parse(struct nb_mailbox *out, const char *text, struct nb_error *err)
{
    const char *open;
    char *address;
    size_t length;
    int rc;

    *out = (struct nb_mailbox){0};
    text += strspn(text, " ");
    length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                                "expected an address without line breaks and other control characters");
    if (!nb_utf8_valid(text, length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "expected an address in UTF-8");
    open = length > 0 && text[length - 1] == '>' ? memrchr(text, '<', length) : NULL;
    address = open ? nb_strndup(open + 1, (size_t)(text + length - open) - 2) : nb_strndup(text, length);
    rc = read_address(&out->address, address, err);
    if (rc == NB_OK && open)
        rc = read_name(&out->name, text, (size_t)(open - text), err);
    free(address);
    return rc;
}

void nb_mailbox_clear(struct nb_mailbox *mailbox)
{
    free(mailbox->name);
    free(mailbox->address);
    *mailbox = (struct nb_mailbox){0};
}
