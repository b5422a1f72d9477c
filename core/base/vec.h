/*
 * vec.h - a typed growing array.
 *
 *     NB_VEC(struct item) items = {0};
 *     nb_vec_push(&items, item);     for (size_t i = 0; i < items.count; i++) use(&items.data[i]);
 *     nb_vec_clear(&items);
 */
#ifndef NB_BASE_VEC_H
#define NB_BASE_VEC_H

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define NB_VEC(type)                                                                                                   \
    struct {                                                                                                           \
        type *data;                                                                                                    \
        size_t count;                                                                                                  \
        size_t capacity;                                                                                               \
    }

/* Makes room for `extra` more elements. */
#define nb_vec_reserve(v, extra)                                                                                       \
    do {                                                                                                               \
        if ((v)->count + (extra) > (v)->capacity) {                                                                    \
            size_t nb_vec_capacity_ = (v)->capacity ? (v)->capacity * 2 : 8;                                           \
            while (nb_vec_capacity_ < (v)->count + (extra))                                                            \
                nb_vec_capacity_ *= 2;                                                                                 \
            (v)->data = nb_reallocarray((v)->data, nb_vec_capacity_, sizeof((v)->data[0]));                            \
            (v)->capacity = nb_vec_capacity_;                                                                          \
        }                                                                                                              \
    } while (0)
#define nb_vec_push(v, element)                                                                                        \
    do {                                                                                                               \
        nb_vec_reserve((v), 1);                                                                                        \
        (v)->data[(v)->count++] = (element);                                                                           \
    } while (0)
#define nb_vec_insert(v, index, element)                                                                               \
    do {                                                                                                               \
        nb_vec_reserve((v), 1);                                                                                        \
        memmove(&(v)->data[(index) + 1], &(v)->data[(index)], ((v)->count - (index)) * sizeof((v)->data[0]));          \
        (v)->data[(index)] = (element);                                                                                \
        (v)->count++;                                                                                                  \
    } while (0)
#define nb_vec_remove(v, index)                                                                                        \
    do {                                                                                                               \
        memmove(&(v)->data[(index)], &(v)->data[(index) + 1], ((v)->count - (index)-1) * sizeof((v)->data[0]));        \
        (v)->count--;                                                                                                  \
    } while (0)
#define nb_vec_last(v) (&(v)->data[(v)->count - 1])
/* Frees the array, not what its elements point at. */
#define nb_vec_clear(v)                                                                                                \
    do {                                                                                                               \
        free((v)->data);                                                                                               \
        (v)->data = NULL;                                                                                              \
        (v)->count = (v)->capacity = 0;                                                                                \
    } while (0)

#endif
