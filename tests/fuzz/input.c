/* input.c - fuzzes the terminal's input: any bytes, in pieces of any size, give keys and never block. */
#include "tests/fuzz/fuzz.h"
#include "tui/term/decoder.h"

struct source {
    const uint8_t *data;
    size_t left;
    size_t piece; /* how much of it has arrived */
};

static bool next_item(void *arg, struct decoder_item *item)
{
    struct source *source = arg;

    if (source->left == 0 || source->piece == 0)
        return false;
    *item = (struct decoder_item){.character = *source->data};
    source->data++;
    source->left--;
    source->piece--;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {.data = data, .left = size};
    struct decoder decoder;
    struct input input;
    int64_t now = 1000;
    size_t turns = 0;

    decoder_init(&decoder);
    while (source.left > 0) {
        source.piece = 1 + *source.data % 16;
        while (decoder_read(&decoder, next_item, &source, now, &input))
            PROMISE(++turns <= 4 * size + 16);
        now += source.left % 3 ? 1 : 2000; /* now and then a pause that ends a sequence */
    }
    now += 5000;
    while (decoder_read(&decoder, next_item, &source, now, &input))
        PROMISE(++turns <= 4 * size + 16);
    decoder_clear(&decoder);
    return 0;
}
