/*
 * report.c - see report.h. MIME as far as reports need it, bounded: parts within parts, their headers, and the groups of fields
 * in a part message/delivery-status.
 */
#include "config.h"

#include "receipts/report.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/uuid.h"

#define DEPTH_MAX      4
#define PARTS_MAX      20
#define RECIPIENTS_MAX 100
#define VALUE_MAX      4096 /* bytes of a header */
#define DETAIL_MAX     1000
#define ADDRESS_MAX    320
#define CODE_MAX       50
#define LAST_SECOND    INT64_C(253402300799) /* 9999-12-31 23:59:59 */

struct report {
    json_t *receipts;
    char delivery[NB_UUID_TEXT_SIZE]; /* "": not known yet */
    char *told_at;                    /* of the message as a whole; NULL: not said */
    size_t recipients;
};

/* ---- headers ---- */

/* The header of that name, unfolded and printable; NULL: there is none before the first empty line. The caller frees it. */
static char *header_value(const char *entity, const char *name)
{
    size_t length = strlen(name);
    struct nb_strbuf value;

    while (*entity && *entity != '\n') {
        const char *end = strchrnul(entity, '\n');
        bool found = strncasecmp(entity, name, length) == 0 && entity[length] == ':';

        while (end[0] == '\n' && (end[1] == ' ' || end[1] == '\t')) /* the next line goes on with this one */
            end = strchrnul(end + 1, '\n');
        if (found) {
            entity += length + 1;
            entity += strspn(entity, " \t");
            nb_strbuf_init(&value, VALUE_MAX);
            for (; entity < end && value.length < VALUE_MAX; entity++)
                nb_strbuf_append_char(&value, (unsigned char)*entity < ' ' || *entity == 0x7f ? ' ' : *entity);
            while (value.length > 0 && value.data[value.length - 1] == ' ')
                nb_strbuf_truncate(&value, value.length - 1);
            char *text = nb_strbuf_take(&value);
            nb_utf8_mend(text);
            return text;
        }
        entity = *end ? end + 1 : end;
    }
    return NULL;
}

static const char *body_of(const char *entity)
{
    const char *empty = *entity == '\n' ? entity - 1 : strstr(entity, "\n\n");

    return *entity == '\n' ? entity + 1 : empty ? empty + 2 : strchr(entity, '\0');
}

/* The boundary of a multipart's Content-Type; NULL: none. The caller frees it. */
static char *boundary_of(const char *type)
{
    const char *found = strcasestr(type, "boundary=");
    const char *value = found ? found + strlen("boundary=") : "";
    size_t length = *value == '"' ? strcspn(value + 1, "\"") : strcspn(value, "; \t");

    if (*value == '"')
        value++;
    return length > 0 && length <= 70 ? nb_strndup(value, length) : NULL;
}

/* ---- parts ---- */

/* The next line that is "--boundary", or "--boundary--"; the end of the text where there is none. */
static const char *find_boundary(const char *text, const char *boundary)
{
    size_t length = strlen(boundary);

    while (*text) {
        if (text[0] == '-' && text[1] == '-' && strncmp(text + 2, boundary, length) == 0)
            return text;
        text = strchrnul(text, '\n');
        text += *text == '\n';
    }
    return text;
}

typedef void part_seen(struct report *report, const char *type, const char *entity);

static void walk(struct report *report, const char *entity, int depth, part_seen *seen);

static void walk_parts(struct report *report, const char *body, const char *boundary, int depth, part_seen *seen)
{
    const char *at = find_boundary(body, boundary);

    for (size_t count = 0; *at && count < PARTS_MAX; count++) {
        const char *begin, *end;
        char *part;

        if (strncmp(at + 2 + strlen(boundary), "--", 2) == 0)
            return;
        begin = strchrnul(at, '\n');
        begin += *begin == '\n';
        end = find_boundary(begin, boundary);
        part = nb_strndup(begin, (size_t)(end - begin));
        walk(report, part, depth + 1, seen);
        free(part);
        at = end;
    }
}

/* Shows each part that is no multipart. */
static void walk(struct report *report, const char *entity, int depth, part_seen *seen)
{
    char *type = header_value(entity, "Content-Type");
    char *boundary = type && strncasecmp(type, "multipart/", 10) == 0 ? boundary_of(type) : NULL;

    if (boundary && depth < DEPTH_MAX)
        walk_parts(report, body_of(entity), boundary, depth, seen);
    else if (type && !boundary)
        seen(report, type, entity);
    free(boundary);
    free(type);
}

/* ---- which delivery ---- */

static bool take_id(struct report *report, const char *text)
{
    char id[NB_UUID_TEXT_SIZE];
    struct nb_uuid uuid;

    nb_text_copy(id, sizeof(id), text);
    if (nb_uuid_parse(&uuid, id, NULL) < 0)
        return false;
    nb_uuid_format(&uuid, report->delivery);
    return true;
}

/* In "bounces+ID@example.org", wherever it stands. */
static void take_return_path(struct report *report, const char *value)
{
    for (const char *plus = strchr(value, '+'); plus && !report->delivery[0]; plus = strchr(plus + 1, '+'))
        if (strnlen(plus, NB_UUID_TEXT_SIZE + 1) > NB_UUID_TEXT_SIZE && plus[NB_UUID_TEXT_SIZE] == '@')
            take_id(report, plus + 1);
}

static void take_recipient_headers(struct report *report, const char *entity)
{
    static const char *const names[] = {"Delivered-To", "X-Original-To", "Envelope-To", "To", "Resent-To"};

    for (size_t i = 0; i < NB_ARRAY_SIZE(names) && !report->delivery[0]; i++) {
        char *value = header_value(entity, names[i]);

        if (value)
            take_return_path(report, value);
        free(value);
    }
}

/* The mail that came back, or its headers. */
static void take_returned(struct report *report, const char *type, const char *entity)
{
    char *id;

    if (report->delivery[0] ||
        (strncasecmp(type, "message/rfc822", 14) != 0 && strncasecmp(type, "text/rfc822-headers", 19) != 0 &&
         strncasecmp(type, "message/global", 14) != 0))
        return;
    id = header_value(body_of(entity), "Message-ID");
    if (id && id[0] == '<' && strlen(id) > NB_UUID_TEXT_SIZE && id[NB_UUID_TEXT_SIZE] == '@')
        take_id(report, id + 1);
    free(id);
}

/* ---- what became of it ---- */

/* "rfc822; ada@example.org" is what stands behind the ;. */
static const char *behind_type(const char *value)
{
    const char *found = strchr(value, ';');

    found = found ? found + 1 : value;
    return found + strspn(found, " \t");
}

static void set_text(json_t *receipt, const char *name, const char *value, size_t most)
{
    char text[DETAIL_MAX + 1];

    if (!value || !*value)
        return;
    nb_text_copy(text, most + 1 < sizeof(text) ? most + 1 : sizeof(text), value);
    json_object_set_new(receipt, name, json_string(text));
}

/* RFC 5322's date as RFC 3339's, which ends with the year 9999; NULL: it is none. The caller frees it. */
static char *read_date(char *value_take)
{
    time_t at = value_take ? curl_getdate(value_take, NULL) : -1;
    char text[NB_TIME_TEXT_SIZE];

    free(value_take);
    return at > 0 && at <= LAST_SECOND ? nb_strdup(nb_time_format_rfc3339((int64_t)at * 1000000, text)) : NULL;
}

static void add_recipient(json_t *recipients, char *value_take)
{
    char address[ADDRESS_MAX + 1];
    size_t length;

    if (!value_take)
        return;
    nb_text_copy(address, sizeof(address), behind_type(value_take));
    length = strlen(address);
    if (length >= 2 && address[0] == '<' && address[length - 1] == '>') {
        address[length - 1] = '\0';
        memmove(address, address + 1, length - 1);
    }
    if (address[0])
        json_array_append_new(recipients, json_string(address));
    free(value_take);
}

static json_t *new_receipt(struct report *report, const char *status)
{
    json_t *receipt = json_pack("{ss}", "status", status);

    json_array_append_new(report->receipts, receipt);
    report->recipients++;
    return receipt;
}

/* One group of fields: of a recipient, or, without an action, of the message. */
static void take_group(struct report *report, const char *group)
{
    static const struct {
        const char *action, *status;
    } actions[] = {{"failed", "bounced"},
                   {"delayed", "deferred"},
                   {"delivered", "delivered"},
                   {"expanded", "delivered"},
                   {"relayed", "sent"}};
    char *action = header_value(group, "Action"), *status, *diagnostic, *at;
    json_t *receipt, *recipients;

    if (!action && !report->told_at)
        report->told_at = read_date(header_value(group, "Arrival-Date"));
    for (size_t i = 0; action && i < NB_ARRAY_SIZE(actions) && report->recipients < RECIPIENTS_MAX; i++) {
        if (strncasecmp(action, actions[i].action, strlen(actions[i].action)) != 0)
            continue;
        receipt = new_receipt(report, actions[i].status);
        status = header_value(group, "Status");
        if (status)
            status[strcspn(status, " (")] = '\0';
        set_text(receipt, "code", status, CODE_MAX);
        diagnostic = header_value(group, "Diagnostic-Code");
        set_text(receipt, "detail", diagnostic ? behind_type(diagnostic) : NULL, DETAIL_MAX);
        at = read_date(header_value(group, "Last-Attempt-Date"));
        set_text(receipt, "at", at, DETAIL_MAX);
        recipients = json_array();
        add_recipient(recipients, header_value(group, "Original-Recipient"));
        add_recipient(recipients, header_value(group, "Final-Recipient"));
        json_object_set_new(receipt, "recipients", recipients);
        free(status);
        free(diagnostic);
        free(at);
        break;
    }
    free(action);
}

static void take_status(struct report *report, const char *fields)
{
    while (*fields) {
        const char *end = strstr(fields, "\n\n");
        size_t length = end ? (size_t)(end - fields) : strlen(fields);
        char *group = nb_strndup(fields, length);

        take_group(report, group);
        free(group);
        fields += length;
        fields += strspn(fields, "\n");
    }
}

/* Of a feedback report only "this is abuse" is a complaint of a person. */
static void take_feedback(struct report *report, const char *fields)
{
    char *kind = header_value(fields, "Feedback-Type");
    char *from = header_value(fields, "Original-Mail-From");
    json_t *receipt, *recipients;

    if (kind && strcasecmp(kind, "abuse") == 0 && report->recipients < RECIPIENTS_MAX) {
        receipt = new_receipt(report, "complained");
        set_text(receipt, "detail", "told by a feedback report", DETAIL_MAX);
        recipients = json_array();
        add_recipient(recipients, header_value(fields, "Original-Rcpt-To"));
        json_object_set_new(receipt, "recipients", recipients);
    }
    if (from && !report->delivery[0])
        take_return_path(report, from);
    free(kind);
    free(from);
}

static void take_part(struct report *report, const char *type, const char *entity)
{
    if (strncasecmp(type, "message/delivery-status", 23) == 0 ||
        strncasecmp(type, "message/global-delivery-status", 30) == 0)
        take_status(report, body_of(entity) + strspn(body_of(entity), "\n"));
    else if (strncasecmp(type, "message/feedback-report", 23) == 0)
        take_feedback(report, body_of(entity) + strspn(body_of(entity), "\n"));
    else
        take_returned(report, type, entity);
}

/* ---- the whole ---- */

/* As C text with LF alone, without a line "From …" that mailboxes put before a mail. */
static char *clean(const char *text, size_t length)
{
    char *out = nb_malloc(length + 1), *end = out;

    for (size_t i = 0; i < length; i++)
        if (text[i] != '\r' || i + 1 == length || text[i + 1] != '\n')
            *end++ = text[i] ? text[i] : ' ';
    *end = '\0';
    if (strncmp(out, "From ", 5) == 0) {
        const char *rest = strchrnul(out, '\n');

        rest += *rest == '\n';
        memmove(out, rest, strlen(rest) + 1);
    }
    return out;
}

int nb_report_read(json_t **out, const char *text, size_t length, struct nb_error *err)
{
    struct report report = {.receipts = json_array()};
    char *mail = clean(text, length < NB_REPORT_MAX ? length : NB_REPORT_MAX);
    json_t *receipt;
    size_t i;
    int rc = NB_OK;

    take_recipient_headers(&report, mail);
    walk(&report, mail, 0, take_part);
    json_array_foreach(report.receipts, i, receipt)
    {
        json_object_set_new(receipt, "delivery", json_string(report.delivery));
        if (report.told_at && !json_object_get(receipt, "at"))
            json_object_set_new(receipt, "at", json_string(report.told_at));
    }
    if (json_array_size(report.receipts) == 0)
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "the mail is no delivery status and no complaint");
    else if (!report.delivery[0])
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "the report names no delivery");
    *out = report.receipts;
    if (rc < 0) {
        json_decref(report.receipts);
        *out = NULL;
    }
    free(report.told_at);
    free(mail);
    return rc;
}
