/*
 * uuid.h - UUIDs (RFC 9562). New ones are version 7: time-ordered, strictly increasing within this process.
 */
#ifndef NB_BASE_UUID_H
#define NB_BASE_UUID_H

#include "base/error.h"

struct nb_uuid {
    uint8_t bytes[16];
};

#define NB_UUID_TEXT_SIZE 37

struct nb_uuid nb_uuid_v7(void);
/* Accepts the 36-character form only, in either case. */
NB_MUSTCHECK int nb_uuid_parse(struct nb_uuid *out, const char *text, struct nb_error *err);
/* Writes the 36-character lower-case form into text and returns text. */
const char *nb_uuid_format(const struct nb_uuid *uuid, char text[NB_UUID_TEXT_SIZE]);
bool nb_uuid_is_nil(const struct nb_uuid *uuid);

#endif
