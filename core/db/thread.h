/*
 * thread.h - a short-lived thread for the calls that only exist in a blocking form. Private to core/db.
 */
#ifndef NB_DB_THREAD_H
#define NB_DB_THREAD_H

#include "base/base.h"

/* Calls run(arg) in a detached thread with all signals blocked. False when no thread could be started. */
bool nb_thread_start(void (*run)(void *arg), void *arg);

#endif
