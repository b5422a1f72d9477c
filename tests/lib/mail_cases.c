/*
 * mail_cases.c - composes mails, for reading them with other programs: reads lines of JSON with the members of a message and of
 * its sender, and prints for each a line with mail, return_path and recipients, or with refused: why there is none.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channels/mail.h"

#define COPIES_MAX 60

static const char *text_of(const json_t *test, const char *name)
{
    return json_string_value(json_object_get(test, name));
}

/* A list without its end where the case has none. */
static const char *const *list_of(const json_t *test, const char *name, const char *list[COPIES_MAX])
{
    const json_t *item, *items = json_object_get(test, name);
    size_t i;

    json_array_foreach(items, i, item) list[i] = json_string_value(item);
    return items ? list : NULL;
}

static int compose(struct nb_mail *mail, const json_t *test, struct nb_error *err)
{
    const char *cc[COPIES_MAX] = {0}, *bcc[COPIES_MAX] = {0};
    struct nb_message message = {.channel = "email",
                                 .type = text_of(test, "type"),
                                 .urgency = text_of(test, "urgency"),
                                 .locale = text_of(test, "locale"),
                                 .subject = text_of(test, "subject"),
                                 .body = text_of(test, "body"),
                                 .html = text_of(test, "html"),
                                 .link = text_of(test, "link"),
                                 .unsubscribe = text_of(test, "unsubscribe"),
                                 .cc = list_of(test, "cc", cc),
                                 .bcc = list_of(test, "bcc", bcc),
                                 .created_ms = json_integer_value(json_object_get(test, "created_ms")),
                                 .target.address = text_of(test, "to")};
    json_t *attachments = json_object_get(test, "attachments");
    json_t *payload = attachments ? json_pack("{sO}", "attachments", attachments) : NULL;
    char *written = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    struct nb_mail_sender sender = {0};
    int rc = nb_uuid_parse(&message.delivery, text_of(test, "delivery"), err);

    message.payload = written;
    if (rc == NB_OK)
        rc = nb_mail_sender_parse(&sender, text_of(test, "from"), text_of(test, "reply_to"),
                                  text_of(test, "return_path"), err);
    if (rc == NB_OK)
        rc = nb_mail_compose(mail, &sender, &message, err);
    nb_mail_sender_clear(&sender);
    json_decref(payload);
    free(written);
    return rc;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        json_t *test = json_loads(line, 0, NULL), *answer;
        struct nb_mail mail = {0};
        struct nb_error err = {0};

        if (!test)
            return 1;
        if (compose(&mail, test, &err) < 0) {
            answer = json_pack("{ss}", "refused", err.message);
        } else {
            json_t *recipients = json_array();

            for (size_t i = 0; i < mail.recipients.count; i++)
                json_array_append_new(recipients, json_string(mail.recipients.data[i]));
            answer = json_pack("{ss%ssso}", "mail", mail.text.data, mail.text.length, "return_path", mail.return_path,
                               "recipients", recipients);
        }
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(answer);
        nb_mail_clear(&mail);
        json_decref(test);
    }
    free(line);
    return 0;
}
