/* unit.h - what every unit test in C includes: cmocka, and main() that speaks TAP. */
#ifndef TESTS_LIB_UNIT_H
#define TESTS_LIB_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * The last line of a test program:
 *     UNIT_MAIN(cmocka_unit_test(parses_numbers), cmocka_unit_test(refuses_nonsense))
 * With a group fixture (a cluster, say): UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(…), …)
 */
#define UNIT_TESTS_RUN(setup, teardown, ...)                                                                           \
    do {                                                                                                               \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                                               \
        setvbuf(stdout, NULL, _IOLBF, 0);                                                                              \
        cmocka_set_message_output(CM_OUTPUT_TAP);                                                                      \
        return cmocka_run_group_tests(tests, setup, teardown);                                                         \
    } while (0)
#define UNIT_MAIN_WITH(setup, teardown, ...)                                                                           \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        UNIT_TESTS_RUN(setup, teardown, __VA_ARGS__);                                                                  \
    }
/* All of them are skipped where what they need is missing (a system call under valgrind, say): can() says so. */
#define UNIT_MAIN_WHERE(can, missing, setup, teardown, ...)                                                            \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        if (!can()) {                                                                                                  \
            puts("1..0 # SKIP " missing);                                                                              \
            return 0;                                                                                                  \
        }                                                                                                              \
        UNIT_TESTS_RUN(setup, teardown, __VA_ARGS__);                                                                  \
    }
#define UNIT_MAIN(...) UNIT_MAIN_WITH(NULL, NULL, __VA_ARGS__)

#endif
