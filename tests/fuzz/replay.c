/*
 * replay.c - main() of a fuzz target without libFuzzer: runs every file of its corpus, tests/fuzz/corpus/NAME, then
 * mutations of them, always the same ones. FUZZ_ROUNDS: how many mutations (default 20,000).
 */
#include <dirent.h>

#include "tests/fuzz/fuzz.h"

#define SIZE_MAX_INPUT 4096

struct input {
    uint8_t bytes[SIZE_MAX_INPUT];
    size_t length;
};

static struct input *inputs;
static size_t input_count;
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % limit;
}

static void load(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct input *input;

    if (!file)
        return;
    inputs = nb_reallocarray(inputs, input_count + 1, sizeof(*inputs));
    input = &inputs[input_count++];
    input->length = fread(input->bytes, 1, sizeof(input->bytes), file);
    fclose(file);
}

static void load_corpus(const char *directory)
{
    DIR *entries = opendir(directory);
    struct dirent *entry;

    while (entries && (entry = readdir(entries))) {
        char *path = nb_asprintf("%s/%s", directory, entry->d_name);

        if (entry->d_name[0] != '.')
            load(path);
        free(path);
    }
    if (entries)
        closedir(entries);
}

/* Copies the input to heap memory of exactly its size, so that the sanitizers notice a read past its end. */
static void feed(const struct input *input)
{
    uint8_t *exact = nb_malloc(input->length ? input->length : 1);

    memcpy(exact, input->bytes, input->length);
    LLVMFuzzerTestOneInput(exact, input->length);
    free(exact);
}

static void mutate_once(struct input *input)
{
    static const uint8_t special[] = {0,   '\033', '\n', '"',  ':',  ',',  '-',  '<',
                                      '[', 0x7f,   0x80, 0x9b, 0xc2, 0xe2, 0xf0, 0xff};
    uint32_t at = input->length ? random_below((uint32_t)input->length) : 0;
    uint32_t length;
    const struct input *other;

    switch (random_below(5)) {
    case 0: /* change */
        if (input->length)
            input->bytes[at] = random_below(2) ? (uint8_t)random_below(256) : special[random_below(sizeof(special))];
        break;
    case 1: /* insert */
        if (input->length < SIZE_MAX_INPUT) {
            memmove(input->bytes + at + 1, input->bytes + at, input->length - at);
            input->bytes[at] = special[random_below(sizeof(special))];
            input->length++;
        }
        break;
    case 2: /* cut out */
        length = input->length ? 1 + random_below((uint32_t)(input->length - at)) : 0;
        memmove(input->bytes + at, input->bytes + at + length, input->length - at - length);
        input->length -= length;
        break;
    case 3: /* continue with another input */
        other = &inputs[random_below((uint32_t)input_count)];
        length = other->length ? random_below((uint32_t)other->length) : 0;
        if (at + length <= SIZE_MAX_INPUT) {
            memcpy(input->bytes + at, other->bytes + (other->length - length), length);
            input->length = at + length;
        }
        break;
    default: /* repeat a piece */
        length = input->length ? 1 + random_below((uint32_t)(input->length - at)) : 0;
        if (input->length + length <= SIZE_MAX_INPUT) {
            memmove(input->bytes + at + length, input->bytes + at, input->length - at);
            input->length += length;
        }
    }
}

static struct input last;

int main(int argc, char *argv[])
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    const char *source = getenv("srcdir") ? getenv("srcdir") : "..";
    char *directory = nb_asprintf("%s/tests/fuzz/corpus/%s", source, strncmp(name, "lt-", 3) == 0 ? name + 3 : name);
    long rounds = strtol(getenv("FUZZ_ROUNDS") ? getenv("FUZZ_ROUNDS") : "20000", NULL, 10);

    if (argc > 1) { /* runs one file, to reproduce a crash */
        load(argv[1]);
        feed(&inputs[0]);
        return 0;
    }
    load_corpus(directory);
    printf("1..3\n%sok 1 - there is a corpus in %s\n", input_count ? "" : "not ", directory);
    fflush(stdout);
    for (size_t i = 0; i < input_count; i++) {
        last = inputs[i];
        feed(&inputs[i]);
    }
    printf("ok 2 - %zu files of the corpus\n", input_count);
    fflush(stdout);
    for (long round = 0; input_count && round < rounds; round++) {
        last = inputs[random_below((uint32_t)input_count)];
        for (uint32_t n = 1 + random_below(6); n > 0; n--)
            mutate_once(&last);
        feed(&last);
    }
    printf("ok 3 - %ld mutations of them\n", rounds);
    free(inputs);
    free(directory);
    return input_count == 0;
}
