/* The vigil: the first identity, a token that ends, a file that cannot be used, another person's new token, a new one
 * before the old one ends. */
#include "tests/lib/session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "identity/vigil.h"

static struct cluster *cluster;
static struct session session;
static char path[] = "/tmp/nbt.vigil.XXXXXX";

static int setup(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    cluster = cluster_new();
    session_open(&session, cluster, "nightbell_console", "ada", true);
    close(fd);
    return fd < 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    session_close(&session);
    cluster_free(&cluster, 0);
    return 0;
}

struct told {
    int times;
    bool known;
    char name[NB_NAME_SIZE];
    struct nb_error err;
};

static void changed(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct told *told = arg;

    told->times++;
    told->known = identity->known;
    strcpy(told->name, identity->user_name);
    told->err = err ? *err : (struct nb_error){0};
}

static void write_token(const char *token, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_TRUNC);

    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(write(fd, token, strlen(token)), strlen(token));
    close(fd);
}

static void tells_who_is_known_and_when_that_changes(void **state)
{
    const char *ada = cluster_token(cluster, "ada", 3600);
    struct nb_identity identity;
    struct told told = {0};
    struct nb_vigil *vigil;

    (void)state;
    write_token(ada, 0600);
    vigil = nb_vigil_new(session.connection, path, ada, NULL, changed, &told);
    session_until(&session, told.times == 1);
    assert_true(told.known && told.err.code == 0);
    assert_string_equal(told.name, "ada");

    /* the token ends: the file still has the same one */
    cluster_sql(cluster, "UPDATE nightbell.users SET deleted_at = now() WHERE name = 'ada'");
    nb_vigil_wake(vigil);
    session_until(&session, told.times == 2);
    assert_false(told.known);
    assert_int_equal(told.err.code, NB_EDENIED);
    assert_non_null(strstr(told.err.hint, path));

    /* a file that others can read is reported, once */
    write_token(cluster_token(cluster, "bob", 3600), 0644);
    session_until(&session, told.times == 3);
    assert_int_equal(told.err.code, NB_EDENIED);
    assert_non_null(strstr(told.err.message, "by others"));

    /* another person's token is taken */
    assert_int_equal(chmod(path, 0600), 0);
    session_until(&session, told.times == 4);
    assert_true(told.known && told.err.code == 0);
    assert_string_equal(told.name, "bob");

    /* no change, no call: a query sent after the vigil's is answered after it */
    nb_vigil_wake(vigil);
    assert_int_equal(nb_loop_turn(session.loop, 0, NULL), 0);
    assert_int_equal(nb_identity_wait(&identity, session.connection, NULL), 0);
    assert_string_equal(identity.user_name, "bob");
    assert_int_equal(told.times, 4);
    nb_vigil_free(&vigil);
    cluster_sql(cluster, "UPDATE nightbell.users SET deleted_at = NULL WHERE name = 'ada'");
}

static void a_changed_file_is_taken_while_the_old_token_is_good(void **state)
{
    const char *bob = cluster_token(cluster, "bob", 3600);
    struct told told = {0};
    struct nb_vigil *vigil;

    (void)state;
    write_token(bob, 0600);
    nb_connection_set_token(session.connection, bob);
    vigil = nb_vigil_new(session.connection, path, bob, NULL, changed, &told);
    session_until(&session, told.times == 1);
    assert_string_equal(told.name, "bob");

    /* one that is of no use changes nothing as long as the token in use is good */
    write_token("", 0600);
    cluster_sql(cluster, "UPDATE nightbell.users SET name = 'bob2' WHERE name = 'bob'");
    nb_vigil_wake(vigil);
    session_until(&session, told.times == 2);
    assert_true(told.known && told.err.code == 0);
    assert_string_equal(told.name, "bob2");
    cluster_sql(cluster, "UPDATE nightbell.users SET name = 'bob' WHERE name = 'bob2'");

    write_token(cluster_token(cluster, "carol", 3600), 0600);
    nb_vigil_wake(vigil);
    session_until(&session, told.times == 3);
    assert_true(told.known && told.err.code == 0);
    assert_string_equal(told.name, "carol");
    nb_vigil_free(&vigil);
}

/* With an identity given at the start, nothing is asked until something wakes it. */
static void begins_with_what_is_known(void **state)
{
    struct nb_identity identity;
    struct told told = {0};
    struct nb_vigil *vigil;

    (void)state;
    nb_connection_set_token(session.connection, cluster_token(cluster, "ada", 3600));
    assert_int_equal(nb_identity_wait(&identity, session.connection, NULL), 0);
    assert_string_equal(identity.user_name, "ada");
    vigil = nb_vigil_new(session.connection, NULL, NULL, &identity, changed, &told);
    nb_connection_set_token(session.connection, cluster_token(cluster, "carol", 3600));
    nb_vigil_wake(vigil);
    session_until(&session, told.times == 1);
    assert_string_equal(told.name, "carol");
    nb_connection_set_token(session.connection, "no token");
    nb_vigil_wake(vigil);
    session_until(&session, told.times == 2);
    assert_int_equal(told.err.code, NB_EDENIED);
    assert_non_null(strstr(told.err.hint, "start again"));
    nb_vigil_free(&vigil);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(tells_who_is_known_and_when_that_changes),
               cmocka_unit_test(a_changed_file_is_taken_while_the_old_token_is_good),
               cmocka_unit_test(begins_with_what_is_known))
