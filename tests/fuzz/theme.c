/* theme.c - fuzzes theme files: everything wrong is reported with its line, and every role still has a look. */
#include "tests/fuzz/fuzz.h"
#include "tui/draw/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = nb_strndup((const char *)data, size);
    struct problems problems = {0};
    struct theme *theme = NULL;
    struct nb_error err = {0};

    if (theme_load_text(&theme, "fuzzed", text, &problems, &err) == 0) {
        for (int role = 0; role < ROLE_COUNT; role++) {
            for (int states = 0; states < STATE_LIMIT; states++) {
                struct style style = theme_style(theme, LOOK((uint8_t)role, (uint8_t)states));

                PROMISE(style.foreground.kind != COLOR_KIND_UNSET && style.background.kind != COLOR_KIND_UNSET);
            }
        }
    } else {
        PROMISE(!theme && err.message[0]);
    }
    theme_free(&theme);
    problems_clear(&problems);
    free(text);
    return 0;
}
