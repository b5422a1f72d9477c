/* ini.c - fuzzes the reader of configuration files: every line is passed on, reported, or empty. */
#include "base/ini.h"
#include "tests/fuzz/fuzz.h"

struct seen {
    unsigned last_line;
};

static int on_line(void *arg, const struct nb_ini_line *line, struct nb_error *err)
{
    struct seen *seen = arg;

    (void)err;
    PROMISE(line->number > seen->last_line);
    seen->last_line = line->number;
    PROMISE(line->section && line->key && *line->key && line->value && line->note);
    PROMISE(!strpbrk(line->key, "\r\n") && !strpbrk(line->value, "\r\n"));
    return 0;
}

static void on_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    (void)arg;
    PROMISE(strcmp(file, "fuzzed") == 0 && line > 0 && message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {0};
    struct nb_error err;

    if (nb_ini_read_text("fuzzed", (const char *)data, size, on_line, on_complaint, &seen, &err) < 0)
        PROMISE(err.message[0]);
    return 0;
}
