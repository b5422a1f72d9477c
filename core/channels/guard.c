/*
 * guard.c - the networks that are not the public Internet (IANA's special-purpose registries), and those that are allowed.
 */
#include "channels/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* An address of either family; IPv4 stands in the first four bytes. */
struct address {
    int family;
    uint8_t bytes[16];
};

struct network {
    struct address address;
    unsigned bits;
};

struct nb_guard {
    NB_VEC(struct network) allowed;
};

struct special {
    uint8_t bytes[16];
    unsigned bits;
    const char *what;
};

/* The first match counts. */
static const struct special special_v4[] = {
    {{0}, 8, "an unspecified address"},
    {{10}, 8, "a private address"},
    {{100, 64}, 10, "an address of a carrier's NAT"},
    {{127}, 8, "a loopback address"},
    {{169, 254}, 16, "a link-local address"},
    {{172, 16}, 12, "a private address"},
    {{192, 0, 0}, 24, "an address of IETF protocols"},
    {{192, 0, 2}, 24, "an address for documentation"},
    {{192, 31, 196}, 24, "an address of IETF protocols"},
    {{192, 52, 193}, 24, "an address of IETF protocols"},
    {{192, 88, 99}, 24, "a 6to4 address"},
    {{192, 168}, 16, "a private address"},
    {{192, 175, 48}, 24, "an address of IETF protocols"},
    {{198, 18}, 15, "an address for benchmarks"},
    {{198, 51, 100}, 24, "an address for documentation"},
    {{203, 0, 113}, 24, "an address for documentation"},
    {{224}, 4, "a multicast address"},
    {{255, 255, 255, 255}, 32, "the broadcast address"},
    {{240}, 4, "a reserved address"},
};

static const struct special special_v6[] = {
    {{[15] = 1}, 128, "a loopback address"},
    {{0}, 128, "an unspecified address"},
    {{0x01, 0x00}, 64, "an address that discards"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "an address for documentation"},
    {{0x20, 0x01, 0x00, 0x00}, 32, "a Teredo address"},
    {{0x20, 0x01, 0x00, 0x02, 0x00, 0x00}, 48, "an address for benchmarks"},
    {{0x20, 0x01}, 23, "an address of IETF protocols"},
    {{0x20, 0x02}, 16, "a 6to4 address"},
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48, "an address of IETF protocols"},
    {{0x3f, 0xff}, 20, "an address for documentation"},
    {{0xfc}, 7, "a unique-local address"},
    {{0xfe, 0x80}, 10, "a link-local address"},
    {{0xfe, 0xc0}, 10, "a site-local address"},
    {{0xff}, 8, "a multicast address"},
};

/* What of IPv6 is the public Internet: 2000::/3. All other space is reserved. */
static const struct special public_v6 = {{0x20}, 3, NULL};

/* IPv6 addresses that have an IPv4 address in their last four bytes, and lead to it. */
static const struct special carriers_v6[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, "mapped"},
    {{[8] = 0xff, [9] = 0xff}, 96, "translated"},
    {{0x00, 0x64, 0xff, 0x9b}, 96, "NAT64"},
};

static bool within(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(address, prefix, whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

static const struct special *find(const struct special *table, size_t count, const struct address *address)
{
    for (size_t i = 0; i < count; i++)
        if (within(address->bytes, table[i].bytes, table[i].bits))
            return &table[i];
    return NULL;
}

/* ---- what is allowed ---- */

static bool parse_address(struct address *out, const char *text, unsigned *bits)
{
    memset(out, 0, sizeof(*out));
    out->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    *bits = out->family == AF_INET6 ? 128 : 32;
    return inet_pton(out->family, text, out->bytes) == 1;
}

/* The digits behind the slash: 0 to `most`, without a sign or leading zeros. */
static bool parse_bits(unsigned *out, const char *digits, unsigned most)
{
    size_t length = strspn(digits, "0123456789");

    if (length == 0 || length > 3 || digits[length] || (digits[0] == '0' && length > 1))
        return false;
    *out = (unsigned)strtoul(digits, NULL, 10);
    return *out <= most;
}

static bool has_bits_beyond(const struct network *network)
{
    unsigned size = network->address.family == AF_INET6 ? 128 : 32;

    for (unsigned bit = network->bits; bit < size; bit++)
        if (network->address.bytes[bit / 8] & (0x80 >> (bit % 8)))
            return true;
    return false;
}

static int parse_network(struct network *out, char *word, struct nb_error *err)
{
    char *slash = strchr(word, '/');
    unsigned most;
    bool fine;

    if (slash)
        *slash = '\0';
    fine = parse_address(&out->address, word, &most);
    out->bits = most;
    if (fine && slash)
        fine = parse_bits(&out->bits, slash + 1, most);
    if (slash)
        *slash = '/';
    if (!fine)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "\"%.60s\": expected a network such as 10.0.0.0/8 or fd00::/8, or an address", word);
    if (has_bits_beyond(out))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "\"%.60s\": the address has bits set behind its first %u", word, out->bits);
    return 0;
}

int nb_guard_new(struct nb_guard **out, const char *allow, struct nb_error *err)
{
    static const char separators[] = " \t,";
    struct nb_guard *guard = nb_calloc(1, sizeof(*guard));
    int rc = 0;

    *out = NULL;
    for (const char *at = allow ? allow : ""; rc == 0 && *(at += strspn(at, separators));) {
        size_t length = strcspn(at, separators);
        char *word = nb_strndup(at, length);
        struct network network;

        if ((rc = parse_network(&network, word, err)) == 0)
            nb_vec_push(&guard->allowed, network);
        free(word);
        at += length;
    }
    if (rc < 0)
        nb_guard_free(&guard);
    *out = guard;
    return rc;
}

void nb_guard_free(struct nb_guard **guard)
{
    if (!*guard)
        return;
    nb_vec_clear(&(*guard)->allowed);
    nb_free(guard);
}

/* ---- judging ---- */

static bool is_allowed(const struct nb_guard *guard, const struct address *address)
{
    for (size_t i = 0; i < guard->allowed.count; i++) {
        const struct network *network = &guard->allowed.data[i];

        if (network->address.family == address->family && within(address->bytes, network->address.bytes, network->bits))
            return true;
    }
    return false;
}

/* False for what is no address of the Internet. */
static bool take_address(struct address *out, const struct sockaddr *address)
{
    *out = (struct address){.family = address->sa_family};
    if (address->sa_family == AF_INET)
        memcpy(out->bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    else if (address->sa_family == AF_INET6)
        memcpy(out->bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    else
        return false;
    return true;
}

/* An address that carries another becomes that one. */
static void unwrap(struct address *address)
{
    struct address inner = {.family = AF_INET};

    if (address->family != AF_INET6 || !find(carriers_v6, NB_ARRAY_SIZE(carriers_v6), address))
        return;
    memcpy(inner.bytes, address->bytes + 12, 4);
    *address = inner;
}

const char *nb_guard_refusal(const struct nb_guard *guard, const struct sockaddr *given)
{
    const struct special *special;
    struct address address;

    if (!take_address(&address, given))
        return "no address of the Internet";
    if (is_allowed(guard, &address))
        return NULL;
    unwrap(&address);
    if (is_allowed(guard, &address))
        return NULL;
    if (address.family == AF_INET)
        special = find(special_v4, NB_ARRAY_SIZE(special_v4), &address);
    else
        special = find(special_v6, NB_ARRAY_SIZE(special_v6), &address);
    if (special)
        return special->what;
    if (address.family == AF_INET6 && !within(address.bytes, public_v6.bytes, public_v6.bits))
        return "a reserved address";
    return NULL;
}
