/*
 * arena.c - bump allocation in chunks that are freed together.
 */
#include "config.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK 4096
#define LAST_CHUNK  (256 * 1024) /* chunks double up to this */

struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) char data[];
};

struct nb_arena {
    struct chunk *chunks; /* the one being filled comes first */
    size_t next_size;
};

struct nb_arena *nb_arena_new(void)
{
    struct nb_arena *arena = nb_calloc(1, sizeof(*arena));

    arena->next_size = FIRST_CHUNK;
    return arena;
}

void nb_arena_free(struct nb_arena **arena)
{
    if (!*arena)
        return;
    for (struct chunk *chunk = (*arena)->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    nb_free(arena);
}

static struct chunk *new_chunk(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct chunk))
        nb_fatal("out of memory");
    struct chunk *chunk = nb_calloc(1, sizeof(*chunk) + size);

    chunk->size = size;
    return chunk;
}

/* The memory is zero: it comes from calloc() and is never handed out twice. */
static char *take(struct nb_arena *arena, size_t size, size_t alignment)
{
    struct chunk *chunk = arena->chunks;
#ifdef NB_ARENA_DEBUG
    (void)alignment;
    chunk = new_chunk(size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
#else
    size_t start = chunk ? (chunk->used + alignment - 1) & ~(alignment - 1) : 0;

    if (chunk && start <= chunk->size && size <= chunk->size - start) {
        chunk->used = start + size;
        return chunk->data + start;
    }
    /* A large block gets its own chunk, second in the list, so that the rest of the current chunk stays usable. */
    if (chunk && size > arena->next_size / 4) {
        struct chunk *own = new_chunk(size);
        own->used = size;
        own->next = chunk->next;
        chunk->next = own;
        return own->data;
    }
    chunk = new_chunk(size > arena->next_size ? size : arena->next_size);
    if (arena->next_size < LAST_CHUNK)
        arena->next_size *= 2;
    chunk->used = size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
#endif
}

void *nb_arena_alloc(struct nb_arena *arena, size_t size)
{
    return take(arena, size ? size : 1, _Alignof(max_align_t));
}

char *nb_arena_strndup(struct nb_arena *arena, const char *text, size_t length)
{
    size_t used = strnlen(text, length);
    char *copy = take(arena, used + 1, 1);

    memcpy(copy, text, used);
    return copy;
}

char *nb_arena_strdup(struct nb_arena *arena, const char *text)
{
    return text ? nb_arena_strndup(arena, text, strlen(text)) : NULL;
}

char *nb_arena_printf(struct nb_arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = take(arena, length < 0 ? 1 : (size_t)length + 1, 1);
    if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}
