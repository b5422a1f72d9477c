/*
 * demo_worker.h - the worker of the demonstration: this program's own `worker`, as a process that ends with this one.
 */
#ifndef CLI_DEMO_WORKER_H
#define CLI_DEMO_WORKER_H

#include "base/error.h"

struct command_call;
struct demo_worker;

/* channels: the channels.conf that it sends by. */
NB_MUSTCHECK int demo_worker_start(struct demo_worker **out, const struct command_call *call, const char *channels,
                                   struct nb_error *err);
/* Starts it again where it has ended: it found no server, which was being restarted. */
NB_MUSTCHECK int demo_worker_look_after(struct demo_worker *worker, struct nb_error *err);
/* Ends it, and waits until it has recorded what it was sending. finish: until all that is due is done, too. */
NB_MUSTCHECK int demo_worker_end(struct demo_worker **worker, bool finish, struct nb_error *err);

#endif
