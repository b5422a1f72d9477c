/* hub.c - fuzzes the hub's protocol: any bytes in any portions become lines, and lines become messages or are
 * refused. */
#include "feed/wire.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_line(char *line)
{
    char again[NB_HUB_LINE_MAX];
    struct nb_hub_message message, same;
    struct nb_error err = {0};
    size_t length;

    if (nb_hub_parse(&message, line, &err) < 0) {
        PROMISE(err.code == NB_EINVALID && err.message[0]);
        return;
    }
    PROMISE(message.text && (!message.key || nb_hub_is_key(message.key)));
    if (strlen(message.text) > NB_HUB_PAYLOAD_MAX)
        return;
    /* formatting the message gives the same line again */
    length = nb_hub_format(again, message.word, message.key, message.text);
    PROMISE(length > 0 && again[length - 1] == '\n');
    again[length - 1] = '\0';
    PROMISE(nb_hub_parse(&same, again, NULL) == 0 && same.word == message.word && same.version == message.version &&
            strcmp(same.text, message.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nb_hub_lines lines = {.length = 0};
    size_t portion = size > 0 ? data[0] + 1u : 1;

    for (size_t at = 0; at < size;) {
        char *where, *line;
        size_t room = nb_hub_lines_room(&lines, &where);
        size_t count = room < portion ? room : portion;

        if (room == 0)
            return 0; /* the line is too long: the hub closes the connection */
        if (count > size - at)
            count = size - at;
        memcpy(where, data + at, count);
        nb_hub_lines_added(&lines, count);
        at += count;
        while ((line = nb_hub_lines_next(&lines)))
            fuzz_line(line);
    }
    return 0;
}
