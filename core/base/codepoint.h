/*
 * codepoint.h - what text.c, utf8.c, sanitize.c and channels/sms.c need to know about single code points. Private to them.
 */
#ifndef NB_BASE_CODEPOINT_H
#define NB_BASE_CODEPOINT_H

#include "base/base.h"

#define NB_CODEPOINT_ZWJ           0x200D
#define NB_CODEPOINT_VS15          0xFE0E
#define NB_CODEPOINT_VS16          0xFE0F
#define NB_CODEPOINT_KEYCAP        0x20E3
#define NB_CODEPOINT_DOTTED_CIRCLE 0x25CC
#define NB_CODEPOINT_REPLACEMENT   0xFFFD

/* Decodes strict UTF-8. Returns the bytes read, 0 for an invalid character. length SIZE_MAX: text ends at a NUL. */
size_t nb_codepoint_next(const char *text, size_t length, int32_t *codepoint);
/* Columns of a code point that stands alone: 0, 1 or 2. */
int nb_codepoint_width(int32_t codepoint);
bool nb_codepoint_is_pictograph(int32_t codepoint); /* Extended_Pictographic */
bool nb_codepoint_is_regional(int32_t codepoint);   /* a half of a flag */
bool nb_codepoint_is_skin_tone(int32_t codepoint);
bool nb_codepoint_is_mark(int32_t codepoint);         /* combining: Mn, Mc, Me */
bool nb_codepoint_is_jamo(int32_t codepoint);         /* any part of a Hangul syllable */
bool nb_codepoint_is_joining_jamo(int32_t codepoint); /* a vowel or final consonant that joins what stands before it */
/* Must never reach a terminal unchanged: controls, formats, invisible and unassigned characters. */
bool nb_codepoint_is_hazard(int32_t codepoint);

#endif
