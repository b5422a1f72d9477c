/*
 * mail_cases.c - composes mails, for reading them with other programs: reads lines of JSON with the members of a message and of
 * its sender, and prints for each a line with mail, return_path and recipients, or with refused: why there is none.
 */
#include <stdio.h>
#include <stdlib.h>

#include "channels/mail.h"
#include "tests/lib/mail_message.h"

static int compose(struct nb_mail *mail, const json_t *test, struct nb_error *err)
{
    struct nb_mail_sender sender;
    struct mail_message message;
    int rc = nb_mail_sender_parse(&sender, json_string_value(json_object_get(test, "from")),
                                  json_string_value(json_object_get(test, "reply_to")),
                                  json_string_value(json_object_get(test, "return_path")), err);

    if (rc == NB_OK && (rc = mail_message_read(&message, test, err)) == NB_OK) {
        rc = nb_mail_compose(mail, &sender, &message.message, err);
        mail_message_clear(&message);
    }
    nb_mail_sender_clear(&sender);
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
