/*
 * complete.h - what Tab offers in the prompts for commands and for filters.
 */
#ifndef TUI_COMPLETE_H
#define TUI_COMPLETE_H

#include "tui/modal/prompt.h"

struct console;

/* For struct modal_calls. */
prompt_complete complete_command; /* a command with its arguments; arg: the console */
prompt_complete complete_filter;  /* arg: the view whose filter it is */

/* A prompt that completes is about to open: reads again what the database knows for it. */
void complete_prepare(struct console *console);

#endif
