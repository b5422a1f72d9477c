/*
 * report.h - mails that tell of a mail: a bounce or another delivery status (RFC 3464), a complaint (RFC 5965).
 *
 * Which delivery is meant says the address that the report came to (our return path has the delivery's id behind a +), else the
 * Message-ID of the mail that it carries. What is in a report anybody can have written: it is only text here.
 */
#ifndef NB_RECEIPTS_REPORT_H
#define NB_RECEIPTS_REPORT_H

#include <jansson.h>

#include "base/error.h"

#define NB_REPORT_KIB 1024
#define NB_REPORT_MAX (NB_REPORT_KIB * 1024) /* bytes that are read; what is behind is the returned mail */

/* *out is a list of receipts as import_receipts() takes them, one for each recipient. NB_ENOTFOUND: it is no report, or it names no
 * delivery of ours. The caller owns *out. */
NB_MUSTCHECK int nb_report_read(json_t **out, const char *text, size_t length, struct nb_error *err);

#endif
