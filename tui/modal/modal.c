/*
 * modal.c - opens, feeds and closes the modal.
 */
#include "tui/modal/modal.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/draw/box.h"
#include "tui/modal/hints.h"

#define QUESTION_COLUMNS 10 /* " … (y/n) " and a margin */
#define QUESTION_ROWS    1

void modal_init(struct modal *modal, struct host *host)
{
    modal->host = host;
}

void modal_clear(struct modal *modal)
{
    modal_close(modal);
    for (size_t i = 0; i < MODAL_HISTORY_COUNT; i++)
        prompt_history_clear(&modal->histories[i]);
}

static void open(struct modal *modal, enum modal_kind kind, const struct modal_calls *calls)
{
    modal_close(modal);
    modal->kind = kind;
    modal->calls = *calls;
    modal->serial++;
    message_dismiss(modal->host);
    host_dirty(modal->host);
}

void modal_prompt(struct modal *modal, const char *label, const char *text, enum modal_history history,
                  const struct modal_calls *calls)
{
    struct prompt_options options = {
        .label = label,
        .text = text,
        .history = &modal->histories[history],
        .complete = calls->complete,
        .arg = calls->arg,
    };

    open(modal, MODAL_PROMPT, calls);
    modal->history = history;
    modal->prompt = prompt_new(&options);
}

void modal_picker(struct modal *modal, struct picker *picker_take, const struct modal_calls *calls)
{
    open(modal, MODAL_PICKER, calls);
    modal->picker = picker_take;
}

void modal_question(struct modal *modal, char *text_take, const struct modal_calls *calls)
{
    open(modal, MODAL_QUESTION, calls);
    modal->question = text_take;
}

void modal_reader(struct modal *modal, struct reader *reader_take)
{
    struct modal_calls calls = {0};

    open(modal, MODAL_READER, &calls);
    modal->reader = reader_take;
}

/* Empties the modal before a callback is called, which may open the next one. */
static struct modal_calls take_down(struct modal *modal)
{
    struct modal_calls calls = modal->calls;

    prompt_free(&modal->prompt);
    picker_free(&modal->picker);
    nb_free(&modal->question);
    reader_free(&modal->reader);
    modal->kind = MODAL_NONE;
    modal->calls = (struct modal_calls){0};
    host_dirty(modal->host);
    return calls;
}

static void cancel(struct modal *modal)
{
    struct modal_calls calls = take_down(modal);

    if (calls.cancelled)
        calls.cancelled(calls.arg);
    if (calls.release)
        calls.release(calls.arg);
}

static void accept(struct modal *modal, const char *text, int64_t id)
{
    char *copy = nb_strdup(text);
    struct modal_calls calls = take_down(modal);

    if (calls.accepted)
        calls.accepted(calls.arg, copy, id);
    if (calls.release)
        calls.release(calls.arg);
    free(copy);
}

void modal_close(struct modal *modal)
{
    if (modal->kind != MODAL_NONE)
        cancel(modal);
}

bool modal_active(const struct modal *modal)
{
    return modal->kind != MODAL_NONE;
}

static void after_prompt(struct modal *modal, enum prompt_result result)
{
    struct nb_error err;

    switch (result) {
    case PROMPT_CHANGED:
        if (modal->calls.changed)
            modal->calls.changed(modal->calls.arg, prompt_text(modal->prompt));
        break;
    case PROMPT_ACCEPT:
        if (modal->calls.check && modal->calls.check(modal->calls.arg, prompt_text(modal->prompt), &err) < 0) {
            prompt_set_error(modal->prompt, &err);
            break;
        }
        if (prompt_text(modal->prompt)[0] != '\0')
            prompt_history_add(&modal->histories[modal->history], prompt_text(modal->prompt));
        accept(modal, prompt_text(modal->prompt), 0);
        break;
    case PROMPT_CANCEL:
        cancel(modal);
        break;
    default:
        break;
    }
    host_dirty(modal->host);
}

static void after_picker(struct modal *modal, enum picker_result result)
{
    const struct picker_item *item;

    if (result == PICKER_CHANGED && modal->calls.changed)
        modal->calls.changed(modal->calls.arg, picker_text(modal->picker));
    if (result == PICKER_CANCEL)
        cancel(modal);
    item = result == PICKER_ACCEPT ? picker_chosen(modal->picker) : NULL;
    if (item)
        accept(modal, item->label, item->id);
    host_dirty(modal->host);
}

static void question_key(struct modal *modal, struct key key)
{
    if (key.modifiers == 0 && (key.code == 'y' || key.code == 'Y'))
        accept(modal, "", 0);
    else
        cancel(modal);
}

static void reader_or_close(struct modal *modal, struct key key)
{
    if (!reader_key(modal->reader, key))
        cancel(modal);
    host_dirty(modal->host);
}

bool modal_key(struct modal *modal, struct key key)
{
    switch (modal->kind) {
    case MODAL_PROMPT:
        after_prompt(modal, prompt_key(modal->prompt, key));
        return true;
    case MODAL_PICKER:
        if (!modal->calls.key || !modal->calls.key(modal->calls.arg, key))
            after_picker(modal, picker_key(modal->picker, key));
        return true;
    case MODAL_QUESTION:
        question_key(modal, key);
        return true;
    case MODAL_READER:
        reader_or_close(modal, key);
        return true;
    default:
        return false;
    }
}

void modal_paste(struct modal *modal, const char *text)
{
    if (modal->kind == MODAL_PROMPT)
        after_prompt(modal, prompt_paste(modal->prompt, text));
    else if (modal->kind == MODAL_PICKER)
        after_picker(modal, picker_paste(modal->picker, text));
}

void modal_learned(struct modal *modal)
{
    if (modal->kind == MODAL_PROMPT)
        after_prompt(modal, prompt_resume(modal->prompt));
}

void modal_mouse(struct modal *modal, const struct input *input)
{
    struct key key = {.code = input->mouse == MOUSE_WHEEL_UP ? NAMED_UP : NAMED_DOWN};
    bool press = input->mouse == MOUSE_PRESS || input->mouse == MOUSE_DOUBLE;

    if (modal->kind == MODAL_PICKER && press)
        after_picker(modal, picker_click(modal->picker, input->x, input->y, input->mouse == MOUSE_DOUBLE));
    else if (!press && modal->kind != MODAL_QUESTION)
        modal_key(modal, key);
}

int modal_rows(const struct modal *modal)
{
    return modal->kind == MODAL_PROMPT ? prompt_rows(modal->prompt) : 1;
}

/* ---- layout and drawing ---- */

void modal_layout(struct modal *modal, const struct layout *layout)
{
    switch (modal->kind) {
    case MODAL_PICKER:
        picker_layout(modal->picker, layout->body);
        break;
    case MODAL_READER:
        reader_layout(modal->reader, layout->body, modal->host->ascii);
        break;
    case MODAL_QUESTION:
        modal->area = box_place(layout->body, nb_text_width(modal->question) + QUESTION_COLUMNS, QUESTION_ROWS);
        break;
    case MODAL_PROMPT:
    case MODAL_NONE:
        modal->area = layout->bottom;
        break;
    }
}

static void draw_question(const struct modal *modal, struct grid *grid)
{
    static const char answers[] = " (y/n) "; /* never cut: what is asked may be long */
    struct rect inside = box_inside(modal->area);
    int used;

    box_draw(grid, modal->area, NULL, ROLE_PROMPT);
    used = grid_text(grid, inside.x + 1, inside.y + inside.height / 2, inside.width - 1 - nb_text_width(answers),
                     LOOK(ROLE_PROMPT_LABEL, 0), modal->question);
    used += grid_text(grid, inside.x + 1 + used, inside.y + inside.height / 2, inside.width - 1 - used,
                      LOOK(ROLE_PROMPT_LABEL, 0), answers);
    grid_set_cursor(grid, inside.x + 1 + used, inside.y + inside.height / 2);
}

void modal_draw(const struct modal *modal, struct grid *grid)
{
    switch (modal->kind) {
    case MODAL_PROMPT:
        prompt_draw(modal->prompt, grid, modal->area);
        break;
    case MODAL_PICKER:
        picker_draw(modal->picker, grid);
        break;
    case MODAL_QUESTION:
        draw_question(modal, grid);
        break;
    case MODAL_READER:
        reader_draw(modal->reader, grid);
        break;
    case MODAL_NONE:
        break;
    }
}

/* ---- keys ---- */

bool modal_draw_hints(const struct modal *modal, struct grid *grid, struct rect rect)
{
    static const struct hint_text prompt[] = {
        {"<Enter>", "done"}, {"<Tab>", "complete"}, {"<Up>", "earlier ones"}, {"<Esc>", "cancel"}, {NULL}};
    static const struct hint_text picker[] = {
        {"<Enter>", "choose"}, {"<Up> <Down>", "move"}, {"a-z", "narrow down"}, {"<Esc>", "close"}, {NULL}};
    static const struct hint_text question[] = {{"y", "yes"}, {"n", "no"}, {NULL}};
    static const struct hint_text reader[] = {{"j k", "scroll"}, {"<Space> b", "by pages"}, {"<Esc>", "close"}, {NULL}};
    static const struct hint_text *const hints[] = {
        [MODAL_PROMPT] = prompt, [MODAL_PICKER] = picker, [MODAL_QUESTION] = question, [MODAL_READER] = reader};

    if (modal->kind == MODAL_NONE)
        return false;
    hints_draw_texts(modal->calls.hints ? modal->calls.hints : hints[modal->kind], grid, rect);
    return true;
}
