/*
 * types.h - shared by the commands of types.
 */
#ifndef CLI_TYPES_H
#define CLI_TYPES_H

struct command_call;
struct nb_error;

/* `types import` (types_import.c). */
int types_import(struct command_call *call, struct nb_error *err);

#endif
