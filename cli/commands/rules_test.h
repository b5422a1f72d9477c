/*
 * rules_test.h - `nightbell rules test`, a line in the table of rules.c.
 */
#ifndef CLI_RULES_TEST_H
#define CLI_RULES_TEST_H

#include "cli/frame/command.h"

extern const struct command_option rules_test_options[];
extern const char rules_test_description[];

int rules_test(struct command_call *call, struct nb_error *err);

#endif
