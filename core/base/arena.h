/*
 * arena.h - memory that is freed all at once: one arena per fetched page, snapshot or parsed file.
 * With NB_ARENA_DEBUG defined each block is its own malloc, so that valgrind and ASan see every overrun.
 */
#ifndef NB_BASE_ARENA_H
#define NB_BASE_ARENA_H

#include "base/base.h"

struct nb_arena;

struct nb_arena *nb_arena_new(void);
void nb_arena_free(struct nb_arena **arena);
void *nb_arena_alloc(struct nb_arena *arena, size_t size);       /* zeroed, aligned for any type */
char *nb_arena_strdup(struct nb_arena *arena, const char *text); /* NULL gives NULL */
char *nb_arena_strndup(struct nb_arena *arena, const char *text, size_t length);
char *nb_arena_printf(struct nb_arena *arena, const char *format, ...) NB_PRINTF(2, 3);

#endif
