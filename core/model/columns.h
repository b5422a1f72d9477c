/*
 * columns.h - the columns that the decoders expect, by position. A test holds every query of a
 * subject against them.
 */
#ifndef NB_MODEL_COLUMNS_H
#define NB_MODEL_COLUMNS_H

#include <stddef.h>

extern const char *const nb_notification_columns[];
extern const size_t nb_notification_column_count;
extern const char *const nb_event_columns[];
extern const size_t nb_event_column_count;

#endif
