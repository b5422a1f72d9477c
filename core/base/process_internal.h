/*
 * process_internal.h - what process.c and process_loop.c share.
 */
#ifndef NB_BASE_PROCESS_INTERNAL_H
#define NB_BASE_PROCESS_INTERNAL_H

#include "base/process.h"

/* A descriptor from which the program reads its input, or -1 for none. The input is in memory, so no pipe has to be fed, and a
 * program that does not read it bothers nobody. */
NB_MUSTCHECK int process_open_input(int *out, const struct nb_process_options *options, struct nb_error *err);

#endif
