/*
 * handlers.h - what each action does, by the files that do it; handlers.c is the table.
 */
#ifndef TUI_HANDLERS_H
#define TUI_HANDLERS_H

#include "tui/console/console_state.h"

/* handle_move.c: cursor, pages, opening and closing */
action_handler handle_down, handle_up, handle_page_down, handle_page_up, handle_half_page_down, handle_half_page_up,
    handle_top, handle_bottom, handle_next_row, handle_previous_row, handle_detail_down, handle_detail_up,
    handle_newest, handle_next_unread, handle_open, handle_back, handle_detail_toggle;
/* Moves the cursor; an open detail follows, as if the row were opened. */
void step_row(struct console *console, int delta);
/* handle_list.c: marks, search, filters */
action_handler handle_mark, handle_mark_range, handle_mark_all, handle_unmark_all, handle_search,
    handle_search_backward, handle_search_next, handle_search_previous, handle_filter, handle_filter_toggle,
    handle_filter_clear, handle_sort, handle_toggle_severity, handle_toggle_unread, handle_toggle_open, handle_freeze;
/* handle_saved.c: saved views */
action_handler handle_view_menu, handle_saved_view, handle_save_view, handle_delete_view;
/* handle_act.c: what changes rows */
action_handler handle_read, handle_unread, handle_read_all, handle_archive, handle_delete, handle_acknowledge,
    handle_assign, handle_resolve, handle_reopen, handle_note, handle_retry, handle_cancel, handle_undo, handle_redo;
/* handle_snooze.c */
action_handler handle_snooze;
/* handle_prefs.c: preferences */
action_handler handle_switch, handle_switch_default, handle_prefer, handle_left, handle_right;
/* handle_window.c, handle_heartbeat.c */
action_handler handle_hold, handle_hold_type, handle_end_window, handle_pause, handle_delete_heartbeat;
/* handle_link.c: links, and the actions that a notification offers */
action_handler handle_open_link, handle_take_action;
/* handle_row.c: what is done with a row elsewhere: the clipboard, export */
action_handler handle_copy, handle_export;
/* To the copy command, or the terminal. The message says what ("link") went there, behind why ("" or "reason: "). */
void copy_text(struct console *console, const char *text, const char *what, const char *why);
/* handle_program.c: views, palette, settings, the program itself */
action_handler handle_view, handle_goto, handle_prefs, handle_windows, handle_heartbeats, handle_next_view,
    handle_previous_view, handle_help, handle_palette, handle_command, handle_messages, handle_whoami, handle_refresh,
    handle_theme, handle_keymap, handle_set, handle_save_screen, handle_redraw, handle_suspend, handle_quit;

#endif
