/*
 * shipped.h - the shipped keymaps and themes, embedded. tui/files/shipped.c is generated from keymaps/ and themes/.
 */
#ifndef TUI_SHIPPED_H
#define TUI_SHIPPED_H

#include <stddef.h>

#include "tui/files/files.h"

struct shipped_file {
    enum files_kind kind;
    const char *name;
    const char *text;
};

extern const struct shipped_file shipped_files[];
extern const size_t shipped_file_count;

#endif
