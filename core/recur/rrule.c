/*
 * rrule.c - libical in a child process under limits.
 */
#include "recur/rrule.h"

#include <errno.h>
#include <libical/ical.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/base.h"
#include "recur/ical.h"

#define CPU_SECONDS 1
#define PATIENCE_MS 10000 /* for a machine that is busy with something else */

enum child_status { CHILD_DONE, CHILD_BAD_RULE, CHILD_TOO_MANY, CHILD_FAILED };

/* ---- the child ---- */

static void limit(int resource, rlim_t most)
{
    const struct rlimit value = {most, most};

    setrlimit(resource, &value);
}

static bool write_time(int fd, struct icaltimetype at)
{
    char text[NB_RRULE_TIME_SIZE];
    size_t done = 0;

    snprintf(text, sizeof(text), "%04u%02u%02uT%02u%02u%02u", (unsigned)at.year % 10000, (unsigned)at.month % 100,
             (unsigned)at.day % 100, (unsigned)at.hour % 100, (unsigned)at.minute % 100, (unsigned)at.second % 100);
    while (done < sizeof(text)) {
        ssize_t count = write(fd, text + done, sizeof(text) - done);

        if (count < 0 && errno != EINTR)
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

static enum child_status write_times(icalrecur_iterator *iterator, const struct nb_rrule *rule, int fd)
{
    const struct icaltimetype since = icaltime_from_string(rule->since), upto = icaltime_from_string(rule->upto);
    size_t count = 0;

    for (;;) {
        const struct icaltimetype at = icalrecur_iterator_next(iterator);

        if (icaltime_is_null_time(at) || icaltime_compare(at, upto) > 0)
            return CHILD_DONE;
        if (icaltime_compare(at, since) < 0)
            continue;
        if (++count > NB_RRULE_MAX)
            return CHILD_TOO_MANY;
        if (!write_time(fd, at))
            return CHILD_FAILED;
    }
}

static enum child_status work(const struct nb_rrule *rule, int fd)
{
    const struct icalrecurrencetype recurrence = icalrecurrencetype_from_string(rule->rule);
    icalrecur_iterator *iterator = NULL;
    enum child_status status;

    if (recurrence.freq == ICAL_NO_RECURRENCE ||
        !(iterator = icalrecur_iterator_new(recurrence, icaltime_from_string(rule->starts))))
        return CHILD_BAD_RULE;
    status = write_times(iterator, rule, fd);
    icalrecur_iterator_free(iterator);
    return status;
}

/* ---- the parent ---- */

/* Reads until the child has closed its end, at most `size` bytes. *late: it did not within the time. */
static size_t read_all(int fd, char *buffer, size_t size, bool *late)
{
    const int64_t deadline = nb_monotonic_ms() + PATIENCE_MS;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    size_t length = 0;

    while (length < size) {
        int64_t left = deadline - nb_monotonic_ms();
        int answer = left > 0 ? poll(&ready, 1, (int)left) : 0;
        ssize_t count;

        *late = answer == 0;
        if (*late)
            break;
        count = answer < 0 ? -1 : read(fd, buffer + length, size - length);
        if (count == 0 || (count < 0 && errno != EINTR))
            break;
        length += count > 0 ? (size_t)count : 0;
    }
    return length;
}

static int explain(int status, struct nb_error *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_BAD_RULE)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "rrule: this is no recurrence rule");
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_TOO_MANY)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "rrule: more than %d occurrences", NB_RRULE_MAX);
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "rrule: it takes too long to find its occurrences");
    return nb_error_hint(err, "a rule that never occurs is looked for in vain: check its days and months");
}

int nb_rrule_expand(const struct nb_rrule *rule, char (**times)[NB_RRULE_TIME_SIZE], size_t *count,
                    struct nb_error *err)
{
    const size_t size = (size_t)NB_RRULE_MAX * NB_RRULE_TIME_SIZE;
    char(*found)[NB_RRULE_TIME_SIZE];
    int ends[2], status = 0, rc;
    bool late = false;
    size_t length;
    pid_t child;

    ical_load();
    if (pipe(ends) < 0)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "pipe: %s", strerror(errno));
    child = fork();
    if (child == 0) {
        limit(RLIMIT_CPU, CPU_SECONDS);
        limit(RLIMIT_CORE, 0);
        _exit(work(rule, ends[1]));
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "fork: %s", strerror(errno));
    }
    found = nb_calloc(NB_RRULE_MAX, NB_RRULE_TIME_SIZE);
    length = read_all(ends[0], (char *)found, size, &late);
    close(ends[0]);
    if (late) /* it got no processor; else it ends by itself, or by its limit */
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    rc = explain(status, err);
    if (rc < 0) {
        free(found);
        return rc;
    }
    *times = found;
    *count = length / NB_RRULE_TIME_SIZE;
    return 0;
}
