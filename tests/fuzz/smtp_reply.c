/* smtp_reply.c - fuzzes what a mail server says: replies that are printable and bounded, or no SMTP. */
#include "channels/smtp_reply.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smtp_reply reply;
    struct nb_strbuf in;
    char id[NB_SMTP_TEXT_MAX];
    size_t left = size + 1;

    nb_strbuf_init(&in, 2 * NB_SMTP_REPLY_MAX);
    nb_strbuf_append_n(&in, (const char *)data, size);
    while (smtp_reply_take(&reply, &in) == 1) {
        PROMISE(in.length < left);
        left = in.length;
        PROMISE(reply.code >= 200 && reply.code <= 599);
        for (const char *c = reply.text; *c; c++)
            PROMISE((unsigned char)*c >= ' ' && *c != 0x7f);
        PROMISE(smtp_reply_status(&reply) >= 0 && smtp_reply_status(&reply) < 10000000);
        PROMISE(!smtp_reply_ends_address(&reply) || reply.code >= 500);
        smtp_reply_message_id(&reply, id);
        PROMISE(strlen(id) <= strlen(reply.text));
    }
    nb_strbuf_clear(&in);
    return 0;
}
