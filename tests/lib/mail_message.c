/* mail_message.c - see mail_message.h */
#include "tests/lib/mail_message.h"

#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static void read_list(const char *list[MAIL_COPIES_MAX], const json_t *line, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(line, name), i, item) list[i] = json_string_value(item);
}

int mail_message_read(struct mail_message *out, const json_t *line, struct nb_error *err)
{
    json_t *attachments = json_object_get(line, "attachments");
    json_t *payload = attachments ? json_pack("{sO}", "attachments", attachments) : NULL;

    memset(out, 0, sizeof(*out));
    out->payload = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    json_decref(payload);
    read_list(out->cc, line, "cc");
    read_list(out->bcc, line, "bcc");
    out->message = (struct nb_message){.channel = "email",
                                       .type = text_of(line, "type"),
                                       .urgency = text_of(line, "urgency"),
                                       .locale = text_of(line, "locale"),
                                       .subject = text_of(line, "subject"),
                                       .body = text_of(line, "body"),
                                       .html = text_of(line, "html"),
                                       .link = text_of(line, "link"),
                                       .unsubscribe = text_of(line, "unsubscribe"),
                                       .payload = out->payload,
                                       .cc = out->cc,
                                       .bcc = out->bcc,
                                       .created_ms = json_integer_value(json_object_get(line, "created_ms")),
                                       .target.address = text_of(line, "to")};
    return nb_uuid_parse(&out->message.delivery, text_of(line, "delivery"), err);
}

void mail_message_clear(struct mail_message *message)
{
    free(message->payload);
}
