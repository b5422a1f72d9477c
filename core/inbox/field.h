/*
 * field.h - the SQL names of the reader's own times (read, archived, deleted). Private to this folder.
 */
#ifndef NB_INBOX_FIELD_H
#define NB_INBOX_FIELD_H

#include "inbox/inbox.h"

const char *inbox_field_name(enum nb_inbox_field field);

#endif
