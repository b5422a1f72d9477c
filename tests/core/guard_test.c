/* The guard: every kind of address that is not the public Internet, in each form it can be written in; what is allowed. */
#include "tests/lib/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "channels/guard.h"

static const char *judge(const char *allow, const char *text)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    struct nb_guard *guard;
    const char *refusal;

    if (strchr(text, ':')) {
        address.v6.sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
    } else {
        address.v4.sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &address.v4.sin_addr), 1);
    }
    assert_int_equal(nb_guard_new(&guard, allow, NULL), 0);
    refusal = nb_guard_refusal(guard, &address.any);
    nb_guard_free(&guard);
    return refusal ? refusal : "";
}

static const struct {
    const char *address, *refusal;
} judgements[] = {
    /* both ends of each network of IPv4, and what is just outside */
    {"0.0.0.0", "an unspecified address"},
    {"0.255.255.255", "an unspecified address"},
    {"1.0.0.0", ""},
    {"9.255.255.255", ""},
    {"10.0.0.0", "a private address"},
    {"10.255.255.255", "a private address"},
    {"11.0.0.0", ""},
    {"100.63.255.255", ""},
    {"100.64.0.0", "an address of a carrier's NAT"},
    {"100.127.255.255", "an address of a carrier's NAT"},
    {"100.128.0.0", ""},
    {"126.255.255.255", ""},
    {"127.0.0.1", "a loopback address"},
    {"127.255.255.255", "a loopback address"},
    {"128.0.0.0", ""},
    {"169.253.255.255", ""},
    {"169.254.169.254", "a link-local address"},
    {"169.255.0.0", ""},
    {"172.15.255.255", ""},
    {"172.16.0.0", "a private address"},
    {"172.31.255.255", "a private address"},
    {"172.32.0.0", ""},
    {"192.0.0.8", "an address of IETF protocols"},
    {"192.0.1.0", ""},
    {"192.0.2.255", "an address for documentation"},
    {"192.88.99.1", "a 6to4 address"},
    {"192.167.255.255", ""},
    {"192.168.0.0", "a private address"},
    {"192.168.255.255", "a private address"},
    {"192.169.0.0", ""},
    {"198.17.255.255", ""},
    {"198.18.0.0", "an address for benchmarks"},
    {"198.19.255.255", "an address for benchmarks"},
    {"198.20.0.0", ""},
    {"198.51.100.7", "an address for documentation"},
    {"203.0.113.7", "an address for documentation"},
    {"223.255.255.255", ""},
    {"224.0.0.1", "a multicast address"},
    {"239.255.255.255", "a multicast address"},
    {"240.0.0.1", "a reserved address"},
    {"255.255.255.254", "a reserved address"},
    {"255.255.255.255", "the broadcast address"},
    {"8.8.8.8", ""},
    /* IPv6 */
    {"::", "an unspecified address"},
    {"::1", "a loopback address"},
    {"::2", "a reserved address"},
    {"::7f00:1", "a reserved address"}, /* 127.0.0.1, "compatible" */
    {"100::1", "an address that discards"},
    {"2001::1", "a Teredo address"},
    {"2001:0:7f00:1::", "a Teredo address"},
    {"2001:2::1", "an address for benchmarks"},
    {"2001:20::1", "an address of IETF protocols"},
    {"2001:1ff:ffff::", "an address of IETF protocols"},
    {"2001:200::1", ""},
    {"2001:db8::1", "an address for documentation"},
    {"2001:db9::1", ""},
    {"2002:7f00:1::", "a 6to4 address"},
    {"2002:808:808::", "a 6to4 address"},
    {"2003::1", ""},
    {"3fff:fff::1", "an address for documentation"},
    {"3fff:1000::1", ""},
    {"4000::1", "a reserved address"},
    {"5f00::1", "a reserved address"},
    {"64:ff9b:1::1", "a reserved address"},
    {"fbff::1", "a reserved address"},
    {"fc00::1", "a unique-local address"},
    {"fdff:ffff::1", "a unique-local address"},
    {"fe80::1", "a link-local address"},
    {"febf::1", "a link-local address"},
    {"fec0::1", "a site-local address"},
    {"ff02::1", "a multicast address"},
    {"2606:4700:4700::1111", ""},
    {"2a00:1450:4001:800::200e", ""},
    /* IPv4 inside IPv6 */
    {"::ffff:127.0.0.1", "a loopback address"},
    {"::ffff:10.1.2.3", "a private address"},
    {"::ffff:169.254.169.254", "a link-local address"},
    {"::ffff:0.0.0.0", "an unspecified address"},
    {"::ffff:8.8.8.8", ""},
    {"::ffff:0:127.0.0.1", "a loopback address"},
    {"64:ff9b::127.0.0.1", "a loopback address"},
    {"64:ff9b::192.168.1.1", "a private address"},
    {"64:ff9b::8.8.8.8", ""},
};

static void judges_every_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(judgements); i++) {
        const char *refusal = judge(NULL, judgements[i].address);

        if (strcmp(refusal, judgements[i].refusal) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", judgements[i].address, refusal, judgements[i].refusal);
    }
}

static void allows_what_is_named_and_no_more(void **state)
{
    const char *allow = "10.1.0.0/16, fd12::/16 192.168.7.4\t127.0.0.1/32";

    (void)state;
    assert_string_equal(judge(allow, "10.1.255.255"), "");
    assert_string_equal(judge(allow, "10.2.0.0"), "a private address");
    assert_string_equal(judge(allow, "192.168.7.4"), "");
    assert_string_equal(judge(allow, "192.168.7.5"), "a private address");
    assert_string_equal(judge(allow, "127.0.0.1"), "");
    assert_string_equal(judge(allow, "127.0.0.2"), "a loopback address");
    assert_string_equal(judge(allow, "fd12:ffff::1"), "");
    assert_string_equal(judge(allow, "fd13::1"), "a unique-local address");
    assert_string_equal(judge(allow, "::ffff:10.1.0.9"), "");
    assert_string_equal(judge(allow, "64:ff9b::10.1.0.9"), "");
    assert_string_equal(judge(allow, "::1"), "a loopback address");
    assert_string_equal(judge("0.0.0.0/0", "169.254.169.254"), "");
    assert_string_equal(judge("0.0.0.0/0", "::1"), "a loopback address");
    assert_string_equal(judge("2002::/16", "2002:7f00:1::"), "");
}

static void refuses_what_is_no_network(void **state)
{
    static const char *const wrong[] = {"10.0.0.0/33", "10.0.0.0/",   "10.0.0.0/08", "10.0.0/8",
                                        "fd00::/129",  "::/-1",       "localhost",   "10.0.0.1/8",
                                        "fd00::1/64",  "1.2.3.4/8/8", "/8",          "10.0.0.0/8x"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++) {
        struct nb_error err = {0};
        struct nb_guard *guard;
        char *allow = nb_asprintf("192.168.0.0/16 %s", wrong[i]);

        if (nb_guard_new(&guard, allow, &err) != NB_EINVALID || guard || !strstr(err.message, wrong[i]))
            fail_msg("%s: %s", wrong[i], err.message);
        free(allow);
    }
}

static void knows_only_the_internet(void **state)
{
    struct sockaddr local = {.sa_family = AF_UNIX};
    struct nb_guard *guard;

    (void)state;
    assert_int_equal(nb_guard_new(&guard, "0.0.0.0/0 ::/0", NULL), 0);
    assert_string_equal(nb_guard_refusal(guard, &local), "no address of the Internet");
    nb_guard_free(&guard);
}

UNIT_MAIN(cmocka_unit_test(judges_every_kind), cmocka_unit_test(allows_what_is_named_and_no_more),
          cmocka_unit_test(refuses_what_is_no_network), cmocka_unit_test(knows_only_the_internet))
