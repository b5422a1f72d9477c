/*
 * limits.h - how long what is sent may be. What SQL enforces stands here once more, so that it costs no round trip;
 * tests/core/limits_test.c proves that both agree. Limits of one file's own buffers stay in that file.
 */
#ifndef NB_BASE_LIMITS_H
#define NB_BASE_LIMITS_H

/* ---- what the database enforces ---- */

/* in characters */
#define NB_NAME_MAX       100 /* of a user or tenant */
#define NB_TYPE_MAX       100 /* a notification's type, ASCII */
#define NB_EVENT_TYPE_MAX 100
#define NB_TITLE_MAX      255
#define NB_MODULE_MAX     100 /* of an app event */

/* in bytes */
#define NB_MESSAGE_KIB         8
#define NB_MESSAGE_MAX         (NB_MESSAGE_KIB * 1024)
#define NB_DATA_KIB            16
#define NB_DATA_MAX            (NB_DATA_KIB * 1024) /* as text of jsonb */
#define NB_LINK_MAX            2048
#define NB_DEDUP_KEY_MAX       255
#define NB_DESCRIPTION_MAX     (8 * 1024)
#define NB_DETAILS_KIB         64
#define NB_DETAILS_MAX         (NB_DETAILS_KIB * 1024) /* as text of jsonb */
#define NB_FINGERPRINT_MAX     255
#define NB_SOURCE_MAX          255
#define NB_IDEMPOTENCY_KEY_MAX 255
#define NB_CONTEXT_KIB         64
#define NB_CONTEXT_MAX         (NB_CONTEXT_KIB * 1024) /* as text of jsonb */
#define NB_NOTE_MAX            4096
#define NB_TEMPLATE_KIB        64
#define NB_TEMPLATE_MAX        (NB_TEMPLATE_KIB * 1024) /* each of subject, body and HTML */

/* ---- what the program enforces by itself, in bytes ---- */

#define NB_PERSON_MAX 320 /* a name, an e-mail address or a UUID that names somebody */

/* of templates: what one may be, and what rendering one may take */
#define NB_TEMPLATE_OUTPUT_KIB 256
#define NB_TEMPLATE_OUTPUT_MAX (NB_TEMPLATE_OUTPUT_KIB * 1024)
#define NB_TEMPLATE_SECTIONS   32     /* sections within each other */
#define NB_TEMPLATE_PARTIALS   16     /* partials within each other */
#define NB_TEMPLATE_ITERATIONS 10000  /* of all sections together */
#define NB_TEMPLATE_STEPS      200000 /* tags and texts, each as often as it is rendered */

#define NB_NDJSON_LINE_KIB   128
#define NB_NDJSON_LINE_MAX   (NB_NDJSON_LINE_KIB * 1024) /* of producers */
#define NB_TYPE_LINE_MAX     (64 * 1024)                 /* of an import of types */
#define NB_TEMPLATE_LINE_MAX (1024 * 1024)               /* of an import of templates */
#define NB_DOCUMENT_LINE_MAX (64 * 1024)                 /* of an import of other documents */
#define NB_GROUP_LINE_MAX    (4 * 1024 * 1024)           /* of an import of groups */
#define NB_FILTER_MAX        1024
#define NB_WORD_MAX          255 /* one of a few words, such as a severity; which ones, the database says */

/* A limit in a help text: "up to " NB_DIGITS(NB_TITLE_MAX) " characters". */
#define NB_DIGITS_(number) #number
#define NB_DIGITS(number)  NB_DIGITS_(number)

#endif
