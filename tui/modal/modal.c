/*
 * modal.c - opening, feeding and closing what stands over the screen.
 */
#include "tui/modal/modal.h"

#include <stdlib.h>
#include <string.h>

#include "tui/console/console_state.h"

static void open(struct console *console, enum modal_kind kind, const struct modal_calls *calls)
{
    struct modal *modal = &console->modal;

    modal_close(console);
    modal->kind = kind;
    modal->calls = *calls;
    modal->serial++;
    modal->scroll = 0;
    message_dismiss(&console->host);
    host_dirty(&console->host);
}

void modal_prompt(struct console *console, const char *label, const char *text, enum modal_history history,
                  prompt_complete *complete, const struct modal_calls *calls)
{
    struct prompt_options options = {
        .label = label,
        .text = text,
        .history = &console->histories[history],
        .complete = complete,
        .arg = console,
    };

    open(console, MODAL_PROMPT, calls);
    console->modal.history = history;
    console->modal.prompt = prompt_new(&options);
}

void modal_picker(struct console *console, struct picker *picker_take, const struct modal_calls *calls)
{
    open(console, MODAL_PICKER, calls);
    console->modal.picker = picker_take;
}

void modal_question(struct console *console, char *text_take, const struct modal_calls *calls)
{
    open(console, MODAL_QUESTION, calls);
    console->modal.question = text_take;
}

void modal_text(struct console *console, char **lines_take, size_t count)
{
    struct modal_calls calls = {0};

    open(console, MODAL_TEXT, &calls);
    for (size_t i = 0; i < count; i++)
        nb_vec_push(&console->modal.lines, lines_take[i]);
}

/* Takes everything out of the modal, so that a callback may open the next one. */
static struct modal_calls take_down(struct console *console)
{
    struct modal *modal = &console->modal;
    struct modal_calls calls = modal->calls;

    prompt_free(&modal->prompt);
    picker_free(&modal->picker);
    nb_free(&modal->question);
    for (size_t i = 0; i < modal->lines.count; i++)
        free(modal->lines.data[i]);
    nb_vec_clear(&modal->lines);
    modal->kind = MODAL_NONE;
    modal->calls = (struct modal_calls){0};
    host_dirty(&console->host);
    return calls;
}

static void cancel(struct console *console)
{
    struct modal_calls calls = take_down(console);

    if (calls.cancelled)
        calls.cancelled(console, calls.arg);
    if (calls.release)
        calls.release(calls.arg);
}

static void accept(struct console *console, const char *text, int64_t id)
{
    char *copy = nb_strdup(text);
    struct modal_calls calls = take_down(console);

    if (calls.accepted)
        calls.accepted(console, calls.arg, copy, id);
    if (calls.release)
        calls.release(calls.arg);
    free(copy);
}

void modal_close(struct console *console)
{
    if (console->modal.kind != MODAL_NONE)
        cancel(console);
}

bool modal_active(const struct console *console)
{
    return console->modal.kind != MODAL_NONE;
}

static void after_prompt(struct console *console, enum prompt_result result)
{
    struct modal *modal = &console->modal;
    struct nb_error err;

    switch (result) {
    case PROMPT_CHANGED:
        if (modal->calls.changed)
            modal->calls.changed(console, modal->calls.arg, prompt_text(modal->prompt));
        break;
    case PROMPT_ACCEPT:
        if (modal->calls.check && modal->calls.check(console, modal->calls.arg, prompt_text(modal->prompt), &err) < 0) {
            prompt_set_error(modal->prompt, &err);
            break;
        }
        if (prompt_text(modal->prompt)[0] != '\0')
            prompt_history_add(&console->histories[modal->history], prompt_text(modal->prompt));
        accept(console, prompt_text(modal->prompt), 0);
        break;
    case PROMPT_CANCEL:
        cancel(console);
        break;
    default:
        break;
    }
    host_dirty(&console->host);
}

static void after_picker(struct console *console, enum picker_result result)
{
    struct modal *modal = &console->modal;
    const struct picker_item *item;

    if (result == PICKER_CHANGED && modal->calls.changed)
        modal->calls.changed(console, modal->calls.arg, picker_text(modal->picker));
    if (result == PICKER_CANCEL)
        cancel(console);
    item = result == PICKER_ACCEPT ? picker_chosen(modal->picker) : NULL;
    if (item)
        accept(console, item->label, item->id);
    host_dirty(&console->host);
}

static void question_key(struct console *console, struct key key)
{
    if (key.modifiers == 0 && (key.code == 'y' || key.code == 'Y'))
        accept(console, "", 0);
    else
        cancel(console);
}

static void text_key(struct console *console, struct key key)
{
    struct modal *modal = &console->modal;

    if (key.code == 'j' || key.code == NAMED_DOWN)
        modal->scroll++;
    else if ((key.code == 'k' || key.code == NAMED_UP) && modal->scroll > 0)
        modal->scroll--;
    else if (key.code != 'k' && key.code != NAMED_UP)
        cancel(console);
    host_dirty(&console->host);
}

bool modal_key(struct console *console, struct key key)
{
    struct modal *modal = &console->modal;

    switch (modal->kind) {
    case MODAL_PROMPT:
        after_prompt(console, prompt_key(modal->prompt, key));
        return true;
    case MODAL_PICKER:
        after_picker(console, picker_key(modal->picker, key));
        return true;
    case MODAL_QUESTION:
        question_key(console, key);
        return true;
    case MODAL_TEXT:
        text_key(console, key);
        return true;
    default:
        return false;
    }
}

void modal_paste(struct console *console, const char *text)
{
    if (console->modal.kind == MODAL_PROMPT)
        after_prompt(console, prompt_paste(console->modal.prompt, text));
    else if (console->modal.kind == MODAL_PICKER)
        after_picker(console, picker_paste(console->modal.picker, text));
}

void modal_mouse(struct console *console, const struct input *input)
{
    struct modal *modal = &console->modal;
    struct key key = {.code = input->mouse == MOUSE_WHEEL_UP ? NAMED_UP : NAMED_DOWN};
    bool press = input->mouse == MOUSE_PRESS || input->mouse == MOUSE_DOUBLE;

    if (modal->kind == MODAL_PICKER && press)
        after_picker(console, picker_click(modal->picker, input->x, input->y, input->mouse == MOUSE_DOUBLE));
    else if (!press && modal->kind != MODAL_QUESTION)
        modal_key(console, key);
}

int modal_rows(const struct console *console)
{
    return console->modal.kind == MODAL_PROMPT ? prompt_rows(console->modal.prompt) : 1;
}

/* A window over the middle of the body, with room for `rows` lines. */
static struct rect window_rect(const struct console *console, int rows)
{
    struct rect body = console->layout.body;
    int width = body.width < 84 ? body.width : 80;
    int height = rows < body.height ? rows : body.height;

    return (struct rect){body.x + (body.width - width) / 2, body.y, width, height};
}

static void draw_text(struct console *console)
{
    struct modal *modal = &console->modal;
    struct rect area = console->layout.body;
    size_t rows = area.height > 0 ? (size_t)area.height : 0;

    if (modal->scroll + rows > modal->lines.count)
        modal->scroll = modal->lines.count > rows ? modal->lines.count - rows : 0;
    grid_fill(&console->grid, area, " ", LOOK(ROLE_HELP, 0));
    for (size_t i = 0; i < rows && modal->scroll + i < modal->lines.count; i++)
        grid_text(&console->grid, area.x + 1, area.y + (int)i, area.width - 2, LOOK(ROLE_HELP, 0),
                  modal->lines.data[modal->scroll + i]);
}

void modal_draw(struct console *console)
{
    struct modal *modal = &console->modal;
    struct rect bottom = console->layout.bottom;

    switch (modal->kind) {
    case MODAL_PROMPT:
        modal->area = bottom;
        prompt_draw(modal->prompt, &console->grid, bottom);
        break;
    case MODAL_PICKER:
        modal->area = window_rect(console, 20);
        picker_draw(modal->picker, &console->grid, modal->area);
        break;
    case MODAL_QUESTION:
        grid_fill(&console->grid, bottom, " ", LOOK(ROLE_PROMPT, 0));
        grid_set_cursor(&console->grid,
                        bottom.x + grid_textf(&console->grid, bottom.x, bottom.y, bottom.width,
                                              LOOK(ROLE_PROMPT_LABEL, 0), " %s (y/n) ", modal->question),
                        bottom.y);
        break;
    case MODAL_TEXT:
        draw_text(console);
        break;
    default:
        break;
    }
}
