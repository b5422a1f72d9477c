/*
 * uuid.c - UUIDs, version 7: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits.
 */
#include "config.h"

#include "base/uuid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_GETRANDOM
#include <sys/random.h>
#endif

#include "base/clock.h"

static ssize_t read_random(void *bytes, size_t size)
{
#ifdef HAVE_GETRANDOM
    return getrandom(bytes, size, 0);
#else
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, bytes, size);
    close(fd);
    return got;
#endif
}

static void fill_random(uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = read_random(bytes, size);
        if (got < 0 && errno != EINTR)
            nb_fatal("the system gives no random bytes");
        if (got > 0) {
            bytes += got;
            size -= (size_t)got;
        }
    }
}

/* The upper 60 bits: milliseconds and 1/4096ths of one. When the clock stands still or steps back, it is the last value
 * plus one, so that later ids are always greater. */
static uint64_t next_ticks(void)
{
    static _Atomic uint64_t last;
    uint64_t now = (uint64_t)nb_now();
    uint64_t ticks = (now / 1000) << 12 | (now % 1000) * 4096 / 1000;
    uint64_t previous = atomic_load(&last);
    uint64_t next;

    do
        next = ticks > previous ? ticks : previous + 1;
    while (!atomic_compare_exchange_weak(&last, &previous, next));
    return next;
}

struct nb_uuid nb_uuid_v7(void)
{
    struct nb_uuid uuid;
    uint64_t ticks = next_ticks();
    uint64_t millis = ticks >> 12;

    fill_random(uuid.bytes + 8, 8);
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(millis >> (40 - 8 * i));
    uuid.bytes[6] = (uint8_t)(0x70 | ((ticks >> 8) & 0x0F));
    uuid.bytes[7] = (uint8_t)ticks;
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool parse(struct nb_uuid *out, const char *text)
{
    size_t byte = 0;

    if (strnlen(text, NB_UUID_TEXT_SIZE) != NB_UUID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < NB_UUID_TEXT_SIZE - 1; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int high = hex_digit(text[i]);
        int low = hex_digit(text[++i]);
        if (high < 0 || low < 0)
            return false;
        out->bytes[byte++] = (uint8_t)(high << 4 | low);
    }
    return true;
}

int nb_uuid_parse(struct nb_uuid *out, const char *text, struct nb_error *err)
{
    struct nb_uuid uuid;

    if (!parse(&uuid, text))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "not a UUID: \"%.60s\": expected 8-4-4-4-12 hexadecimal digits", text);
    *out = uuid;
    return 0;
}

const char *nb_uuid_format(const struct nb_uuid *uuid, char text[NB_UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *at = text;

    for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[uuid->bytes[i] >> 4];
        *at++ = digits[uuid->bytes[i] & 0x0F];
    }
    *at = '\0';
    return text;
}

bool nb_uuid_is_nil(const struct nb_uuid *uuid)
{
    static const struct nb_uuid nil;

    return memcmp(uuid, &nil, sizeof(nil)) == 0;
}
