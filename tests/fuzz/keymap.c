/* keymap.c - fuzzes keymap files: everything wrong is reported with its line; every binding can be typed. */
#include "tests/fuzz/fuzz.h"
#include "tui/keys/keymap.h"

static void check_binding(void *arg, const struct binding *binding)
{
    struct nb_strbuf out;

    (void)arg;
    PROMISE(binding->length > 0 && binding->length <= KEYMAP_MAX_SEQUENCE && binding->hint);
    nb_strbuf_init(&out, 4096);
    binding_format(&out, binding);
    PROMISE(out.length > 0);
    nb_strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = nb_strndup((const char *)data, size);
    struct problems problems = {0};
    struct keymap *keymap = NULL;
    struct nb_error err = {0};
    struct key_scope scope = key_scope(CONTEXT_EVENTS, true);
    struct key_state state = {0};

    if (keymap_load_text(&keymap, "fuzzed", text, &problems, &err) == 0) {
        keymap_visit(keymap, &scope, NULL, check_binding, NULL);
        for (size_t i = 0; i < size && i < 64; i++) { /* the same bytes, typed */
            const struct binding *binding = NULL;
            int count = 0;

            if (keymap_feed(keymap, &scope, &state, key_canonical(data[i] % 128, 0), &binding, &count) == KEY_FIRE)
                PROMISE(binding && count >= 0);
        }
    } else {
        PROMISE(!keymap && err.message[0]);
    }
    keymap_free(&keymap);
    problems_clear(&problems);
    free(text);
    return 0;
}
