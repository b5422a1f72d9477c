/* The hub's keys and accounts: whose key is listened to next, the limit of an account, and correct counting. */
#include "tests/lib/unit.h"

#include "hub/keys.h"

#define BATCH 256

static struct hub_keys keys;
static struct hub_account *crowd, *single;
static int client_memory[8]; /* clients are only compared here */

static struct hub_client *client(int i)
{
    return (struct hub_client *)(void *)&client_memory[i];
}

static int setup(void **state)
{
    (void)state;
    hub_keys_init(&keys);
    crowd = hub_accounts_get(&keys.accounts, 1);
    single = hub_accounts_get(&keys.accounts, 2);
    crowd->clients = single->clients = 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hub_keys_clear(&keys);
    return 0;
}

static struct hub_key *want(struct hub_account *account, int number, int who)
{
    char name[NB_HUB_KEY_LENGTH + 1];

    sprintf(name, "nb_%040x", number);
    return hub_keys_add(&keys, name, account, client(who));
}

static size_t answer(bool listen)
{
    struct hub_key *batch[BATCH];
    size_t count = hub_keys_take(&keys, listen, batch, BATCH);

    for (size_t i = 0; i < count; i++)
        hub_keys_changed(&keys, batch[i], listen);
    return count;
}

static void a_new_one_is_in_the_next_batch_whatever_others_wait_for(void **state)
{
    struct hub_key *one;

    (void)state;
    for (int i = 0; i < HUB_ACCOUNT_KEYS; i++)
        assert_non_null(want(crowd, i, 0));
    assert_int_equal(answer(true), BATCH);
    one = want(single, 100000, 1);
    assert_false(one->listening);
    assert_int_equal(answer(true), BATCH);
    assert_true(one->listening);
}

static void an_account_has_a_bounded_number_of_keys(void **state)
{
    (void)state;
    for (int i = 0; i < HUB_ACCOUNT_KEYS; i++)
        assert_non_null(want(crowd, i, 0));
    assert_null(want(crowd, HUB_ACCOUNT_KEYS, 0));
    assert_non_null(want(crowd, 7, 1)); /* a key that others already want costs nothing */
    assert_non_null(want(single, HUB_ACCOUNT_KEYS, 0));
    hub_keys_drop(&keys, hub_keys_find(&keys, "nb_0000000000000000000000000000000000000001"), client(0));
    assert_non_null(want(crowd, HUB_ACCOUNT_KEYS + 1, 0));
}

/* An account that opens and closes connections does not get more keys at once than one that only opens them. */
static void what_nobody_wants_any_more_counts_until_it_is_given_up(void **state)
{
    size_t listened = 0;

    (void)state;
    for (int i = 0; i < 3 * HUB_ACCOUNT_KEYS; i++) {
        struct hub_key *key = want(crowd, i, 0);

        assert_non_null(key);
        listened += answer(true);
        hub_keys_drop(&keys, key, client(0));
    }
    assert_int_equal(listened, HUB_ACCOUNT_KEYS);
    assert_int_equal(crowd->listened, HUB_ACCOUNT_KEYS);
    assert_int_equal(answer(true), 0);
    want(single, 1000000, 1);
    assert_int_equal(answer(true), 1); /* no effect on the others */
    assert_int_equal(answer(false), BATCH);
    want(crowd, 2000000, 0);
    assert_int_equal(answer(true), 1);
}

static void a_shared_key_waits_where_less_is_waited_for(void **state)
{
    struct hub_key *shared;

    (void)state;
    for (int i = 0; i < 1000; i++)
        want(crowd, i, 0);
    shared = want(crowd, 5000, 0);
    assert_ptr_equal(shared->account, crowd);
    assert_ptr_equal(want(single, 5000, 1), shared);
    assert_ptr_equal(shared->account, single);
    assert_int_equal(answer(true), BATCH);
    assert_true(shared->listening);
}

/* ---- anything in any order ---- */

#define NAMES    200
#define CLIENTS  8
#define ACCOUNTS 3

static bool wanted[NAMES][CLIENTS];
static bool told[NAMES]; /* what the database would say is listened to */

static void compare(void)
{
    size_t known = 0, waiting = 0, owned = 0, listened = 0;

    for (int i = 0; i < NAMES; i++) {
        char name[NB_HUB_KEY_LENGTH + 1];
        size_t count = 0;
        const struct hub_key *key;

        for (int who = 0; who < CLIENTS; who++)
            count += wanted[i][who];
        sprintf(name, "nb_%040x", i);
        key = hub_keys_find(&keys, name);
        assert_int_equal(key != NULL, count > 0 || told[i]);
        if (!key)
            continue;
        known++;
        assert_int_equal(key->clients.count, count);
        assert_int_equal(key->listening, told[i]);
        waiting += (count > 0) != told[i];
        listened += told[i];
    }
    assert_int_equal(keys.count, known);
    assert_int_equal(hub_keys_differ(&keys), waiting > 0);
    for (size_t i = 0; i < keys.accounts.all.count; i++) {
        const struct hub_account *account = keys.accounts.all.data[i];

        owned += account->owned;
        listened -= account->listened;
        waiting -= account->to_listen.count;
    }
    assert_int_equal(owned, known);
    assert_int_equal(listened, 0);
    assert_int_equal(waiting, keys.to_unlisten.count);
}

static void change_some(struct hub_account *const *accounts)
{
    int i = rand() % NAMES, who = rand() % CLIENTS;
    char name[NB_HUB_KEY_LENGTH + 1];

    sprintf(name, "nb_%040x", i);
    if (wanted[i][who])
        hub_keys_drop(&keys, hub_keys_find(&keys, name), client(who));
    else
        assert_non_null(hub_keys_add(&keys, name, accounts[who % ACCOUNTS], client(who)));
    wanted[i][who] = !wanted[i][who];
}

static void counts_stay_right_whatever_happens(void **state)
{
    struct hub_account *accounts[ACCOUNTS];

    (void)state;
    srand(7);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        accounts[i] = hub_accounts_get(&keys.accounts, 10 + i);
        accounts[i]->clients = 1;
    }
    for (int step = 0; step < 20000; step++) {
        struct hub_key *batch[16];
        bool listen = rand() % 2, fails = rand() % 5 == 0;
        size_t count;

        change_some(accounts);
        if (step % 5 != 0)
            continue;
        count = hub_keys_take(&keys, listen, batch, 1 + (size_t)(rand() % 16));
        for (int i = rand() % 10; i > 0; i--)
            change_some(accounts); /* while the database is being asked */
        for (size_t i = 0; i < count; i++) {
            told[strtol(batch[i]->name + 3, NULL, 16)] = listen != fails;
            hub_keys_changed(&keys, batch[i], listen != fails);
        }
        if (rand() % 100 == 0) {
            hub_keys_forget(&keys);
            memset(told, 0, sizeof(told));
        }
        compare();
    }
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(a_new_one_is_in_the_next_batch_whatever_others_wait_for, setup, teardown),
          cmocka_unit_test_setup_teardown(an_account_has_a_bounded_number_of_keys, setup, teardown),
          cmocka_unit_test_setup_teardown(what_nobody_wants_any_more_counts_until_it_is_given_up, setup, teardown),
          cmocka_unit_test_setup_teardown(a_shared_key_waits_where_less_is_waited_for, setup, teardown),
          cmocka_unit_test_setup_teardown(counts_stay_right_whatever_happens, setup, teardown))
