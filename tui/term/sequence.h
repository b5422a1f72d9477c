/*
 * sequence.h - the allow-list: every escape sequence that the program itself sends, apart from terminfo's for drawing.
 * Their text is sanitised and limited here, so that no data can end a sequence early or begin another.
 */
#ifndef TUI_SEQUENCE_H
#define TUI_SEQUENCE_H

#include "base/strbuf.h"

#define SEQUENCE_MOUSE_ON       "\033[?1000h\033[?1006h"
#define SEQUENCE_MOUSE_OFF      "\033[?1006l\033[?1000l"
#define SEQUENCE_PASTE_ON       "\033[?2004h"
#define SEQUENCE_PASTE_OFF      "\033[?2004l"
#define SEQUENCE_CANCEL         "\030" /* ends a sequence whose rest was lost */
#define SEQUENCE_ASK_BACKGROUND "\033]11;?\033\\"

/* Bytes of base64 in OSC 52: the limit on which k9s, tmux and others agree. */
#define SEQUENCE_COPY_MAX 74994

enum multiplexer { MULTIPLEXER_NONE, MULTIPLEXER_TMUX, MULTIPLEXER_SCREEN };
enum notify_protocol { NOTIFY_OSC9 = 1, NOTIFY_OSC777 = 2 };

/* OSC 2: sets the window's title. */
void sequence_title(struct nb_strbuf *out, const char *title);
/* Sends a desktop notification in one or both protocols. */
void sequence_notify(struct nb_strbuf *out, unsigned protocols, const char *title, const char *body);
/* OSC 52: copies text (sanitised as a block) to the clipboard. NB_EINVALID when it is too long. */
NB_MUSTCHECK int sequence_copy(struct nb_strbuf *out, const char *text, size_t length, struct nb_error *err);
/* Wraps a sequence so that the multiplexer passes it on to the terminal outside. */
void sequence_pass_through(struct nb_strbuf *out, enum multiplexer multiplexer, const char *sequence, size_t length);
/* Reads the answer to SEQUENCE_ASK_BACKGROUND, without its introducer and end: "11;rgb:1e1e/1e1e/2e2e". False when it
 * is something else. */
bool sequence_read_background(const char *answer, bool *light);

#endif
