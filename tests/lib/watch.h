/* watch.h - whether a process can be watched here: valgrind may not know the system call. For UNIT_MAIN_WHERE(). */
#ifndef TESTS_LIB_WATCH_H
#define TESTS_LIB_WATCH_H

#include <errno.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <unistd.h>

static inline bool can_watch_a_process(void)
{
    int fd = pidfd_open(getpid(), 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != ENOSYS;
}

#endif
