/*
 * prefs.c - reads the preferences, moves in them, and sends what is changed.
 */
#include "config.h"

#include "tui/views/prefs.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/host/link.h"
#include "tui/views/views.h"

#define TEXT_LIMIT 1024

static const struct prefs_row settings[PREFS_SETTINGS] = {
    {.setting = "quiet", .label = "quiet hours", .about = "on your clock: other channels than the inbox wait"},
    {.setting = "quiet-days", .label = "quiet days", .about = "days that are quiet as a whole"},
    {.setting = "dnd", .label = "do not disturb", .about = "nothing but what is critical until then"},
    {.setting = "digest", .label = "digest", .about = "what is not critical, collected"},
};

struct prefs *prefs_of(const struct screen *screen)
{
    return screen && screen->kind == &screen_prefs ? NB_CONTAINER_OF((struct screen *)screen, struct prefs, screen)
                                                   : NULL;
}

const struct prefs_row *prefs_row(const struct prefs *prefs)
{
    return prefs->cursor < prefs->rows.count ? &prefs->rows.data[prefs->cursor] : NULL;
}

/* ---- what is known ---- */

static void make_rows(struct prefs *prefs)
{
    const struct prefs_row all = {.label = "everything", .about = "whatever it is about"};
    const char *module = "";

    prefs->rows.count = 0;
    for (size_t i = 0; i < PREFS_SETTINGS; i++)
        nb_vec_push(&prefs->rows, settings[i]);
    nb_vec_push(&prefs->rows, all);
    for (size_t i = 0; i < prefs->known->type_count; i++) {
        const struct nb_preference_type *type = &prefs->known->types[i];
        const struct prefs_row of_type = {
            .label = type->type, .about = type->description, .type = type, .module = type->module};

        if (strcmp(type->module, module) != 0) {
            const struct prefs_row of_module = {
                .label = type->module, .about = "all types of the module", .module = type->module};

            nb_vec_push(&prefs->rows, of_module);
            module = type->module;
        }
        nb_vec_push(&prefs->rows, of_type);
    }
    if (prefs->cursor >= prefs->rows.count)
        prefs->cursor = prefs->rows.count - 1;
}

static void take(struct prefs *prefs, const struct nb_preferences *preferences)
{
    nb_preferences_free(&prefs->known);
    prefs->known = nb_preferences_copy(preferences);
    if (prefs->channel >= prefs->known->channel_count)
        prefs->channel = 0;
    make_rows(prefs);
    host_dirty(prefs->screen.host);
}

static char *key_of(const struct prefs *prefs, const struct prefs_row *row, size_t channel)
{
    const char *name = prefs->known->channels[channel].name;

    if (row->type)
        return nb_asprintf("%s.%s", row->type->type, name);
    if (row->module)
        return nb_asprintf("module:%s.%s", row->module, name);
    return nb_strdup(name);
}

/* The last wish of that key; NULL: none. */
static const char *wished(const struct prefs *prefs, const char *key)
{
    for (size_t i = prefs->wishes.count; i > 0; i--)
        if (strcmp(prefs->wishes.data[i - 1].key, key) == 0)
            return prefs->wishes.data[i - 1].value;
    return NULL;
}

static bool is_about(const struct nb_preference_word *word, const struct prefs_row *row, const char *channel)
{
    return strcmp(word->channel, channel) == 0 && strcmp(word->type, "*") == 0 &&
           strcmp(word->module, row->module ? row->module : "*") == 0;
}

static struct prefs_switch known_switch(const struct prefs *prefs, const struct prefs_row *row, size_t channel)
{
    if (row->type) {
        const struct nb_preference_switch *its = &row->type->channels[channel];

        return (struct prefs_switch){
            .known = true, .enabled = its->enabled, .locked = its->locked, .usual = its->usual, .source = its->source};
    }
    for (size_t i = 0; i < prefs->known->word_count; i++)
        if (is_about(&prefs->known->words[i], row, prefs->known->channels[channel].name))
            return (struct prefs_switch){.known = true,
                                         .enabled = prefs->known->words[i].enabled,
                                         .usual = true,
                                         .source = row->module ? NB_PREFERENCE_MODULE : NB_PREFERENCE_ALL};
    return (struct prefs_switch){0};
}

struct prefs_switch prefs_switch(const struct prefs *prefs, const struct prefs_row *row, size_t channel)
{
    struct prefs_switch stands = known_switch(prefs, row, channel);
    char *key = key_of(prefs, row, channel);
    const char *wish = wished(prefs, key);

    if (wish) {
        stands.waiting = true;
        stands.known = strcmp(wish, "default") != 0;
        stands.enabled = strcmp(wish, "on") == 0;
        stands.source = row->type ? NB_PREFERENCE_TYPE : row->module ? NB_PREFERENCE_MODULE : NB_PREFERENCE_ALL;
    }
    free(key);
    return stands;
}

const char *prefs_label(const char *key)
{
    for (size_t i = 0; i < PREFS_SETTINGS; i++)
        if (strcmp(settings[i].setting, key) == 0)
            return settings[i].label;
    return key;
}

char *prefs_setting(const struct prefs *prefs, const char *key)
{
    const char *wish = wished(prefs, key);
    struct nb_strbuf text;
    char when[NB_TIME_TEXT_SIZE];

    if (wish)
        return nb_strdup(wish);
    nb_strbuf_init(&text, TEXT_LIMIT);
    if (strcmp(key, "quiet") == 0)
        nb_preference_quiet_text(&text, prefs->known);
    else if (strcmp(key, "quiet-days") == 0)
        nb_preference_days_text(&text, prefs->known);
    else if (strcmp(key, "digest") == 0)
        nb_preference_digest_text(&text, prefs->known);
    else if (prefs->known->dnd_until != NB_TIME_NONE && prefs->known->dnd_until > nb_now())
        nb_strbuf_append(&text, nb_time_format_until(prefs->known->dnd_until, nb_now(), when));
    else
        nb_strbuf_append(&text, "off");
    return nb_strbuf_take(&text);
}

/* ---- reading and changing ---- */

static void send_next(struct prefs *prefs);

static void on_read(void *arg, const struct nb_preferences *preferences, const struct nb_error *err)
{
    struct prefs *prefs = arg;

    prefs->request = NULL;
    prefs->error = err ? *err : (struct nb_error){0};
    if (!err)
        take(prefs, preferences);
    host_dirty(prefs->screen.host);
    send_next(prefs);
}

static void ask(struct prefs *prefs)
{
    struct host *host = prefs->screen.host;

    if (!link_is_ready(host) || !prefs->screen.shown || prefs->request)
        return;
    prefs->request = nb_preferences_fetch(host->connection, NULL, on_read, prefs);
}

static void drop_wishes(struct prefs *prefs, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        free(prefs->wishes.data[0].key);
        free(prefs->wishes.data[0].value);
        nb_vec_remove(&prefs->wishes, 0);
    }
}

/* Drops the wishes behind the refused one, which may build on it, and shows what the database has. */
static void refused(struct prefs *prefs, const struct nb_error *err)
{
    struct host *host = prefs->screen.host;

    if (err->code == NB_ECONFLICT)
        message_show(host, ROLE_ERROR,
                     "not changed: you have changed your preferences elsewhere; here they are as they are now");
    else
        message_error(host, err);
    drop_wishes(prefs, prefs->wishes.count);
    ask(prefs);
}

static void on_set(void *arg, const struct nb_preferences *preferences, const struct nb_error *err)
{
    struct prefs *prefs = arg;
    struct host *host = prefs->screen.host;

    prefs->request = NULL;
    host_dirty(host);
    if (err) {
        refused(prefs, err);
        return;
    }
    message_show(host, ROLE_OK, "%s: %s", prefs_label(prefs->wishes.data[0].key), prefs->wishes.data[0].value);
    drop_wishes(prefs, 1);
    take(prefs, preferences);
    send_next(prefs);
}

static void send_next(struct prefs *prefs)
{
    json_auto_t *changes = json_object();
    struct nb_error err;

    if (prefs->wishes.count == 0 || prefs->request || !prefs->known)
        return;
    if (nb_preference_change(changes, prefs->wishes.data[0].key, prefs->wishes.data[0].value, nb_now(), &err) < 0) {
        refused(prefs, &err);
        return;
    }
    prefs->request =
        nb_preferences_set(prefs->screen.host->connection, NULL, changes, prefs->known->version, on_set, prefs);
}

void prefs_wish(struct prefs *prefs, const char *key, const char *value)
{
    const struct prefs_wish wish = {nb_strdup(key), nb_strdup(value)};

    nb_vec_push(&prefs->wishes, wish);
    host_dirty(prefs->screen.host);
    send_next(prefs);
}

static void wish_here(struct prefs *prefs, const char *value)
{
    char *key = key_of(prefs, prefs_row(prefs), prefs->channel);

    prefs_wish(prefs, key, value);
    free(key);
}

void prefs_turn(struct prefs *prefs)
{
    const struct prefs_row *row = prefs_row(prefs);
    struct prefs_switch stands;

    if (!row || row->setting)
        return;
    stands = prefs_switch(prefs, row, prefs->channel);
    if (stands.locked && stands.enabled)
        message_show(prefs->screen.host, ROLE_WARNING, "%s by %s cannot be switched off", row->label,
                     prefs->known->channels[prefs->channel].name);
    else
        wish_here(prefs, stands.known && !stands.enabled ? "on" : "off");
}

void prefs_default(struct prefs *prefs)
{
    const struct prefs_row *row = prefs_row(prefs);

    if (row && row->setting)
        prefs_wish(prefs, row->setting, "off");
    else if (row)
        wish_here(prefs, "default");
}

/* ---- as a screen ---- */

static struct screen *open_prefs(const struct screen_kind *kind, const struct screen_wish *wish)
{
    struct prefs *prefs = nb_calloc(1, sizeof(*prefs));

    prefs->screen = (struct screen){.kind = kind, .host = wish->host};
    return &prefs->screen;
}

static void close_prefs(struct screen *screen)
{
    struct prefs *prefs = prefs_of(screen);

    if (prefs->request)
        nb_request_abandon(&prefs->request);
    drop_wishes(prefs, prefs->wishes.count);
    nb_vec_clear(&prefs->wishes);
    nb_vec_clear(&prefs->rows);
    nb_preferences_free(&prefs->known);
    free(prefs);
}

static void enter(struct screen *screen)
{
    ask(prefs_of(screen));
    host_dirty(screen->host);
}

static void bell(struct screen *screen, bool resync)
{
    if (resync && screen->shown)
        ask(prefs_of(screen));
}

static void aged(struct screen *screen)
{
    host_dirty(screen->host); /* do not disturb may have ended */
}

static void scroll(struct screen *screen, int lines)
{
    struct prefs *prefs = prefs_of(screen);
    long last = (long)prefs->rows.count - 1;
    long to = (long)prefs->cursor + lines;

    prefs->cursor = to < 0 || last < 0 ? 0 : to > last ? (size_t)last : (size_t)to;
    host_dirty(screen->host);
}

void prefs_move_channel(struct prefs *prefs, int delta)
{
    size_t last = prefs->known && prefs->known->channel_count > 0 ? prefs->known->channel_count - 1 : 0;

    if (delta < 0 && prefs->channel > 0)
        prefs->channel--;
    else if (delta > 0 && prefs->channel < last)
        prefs->channel++;
    host_dirty(prefs->screen.host);
}

/* The next row whose name or text has it. */
static void search(struct screen *screen, const char *text)
{
    struct prefs *prefs = prefs_of(screen);

    for (size_t i = 0; text[0] != '\0' && i < prefs->rows.count; i++) {
        const struct prefs_row *row = &prefs->rows.data[i];

        if (strcasestr(row->label, text) || (row->about && strcasestr(row->about, text))) {
            prefs->cursor = i;
            break;
        }
    }
    host_dirty(screen->host);
}

static void lay_out(struct screen *screen, const struct layout *layout)
{
    struct prefs *prefs = prefs_of(screen);
    int height;

    prefs->rect = layout->body;
    prefs_show_channel(prefs);
    height = prefs->rect.height - prefs_grid_top(prefs) - 1; /* the last line says what the cursor is on */
    if (height < 1)
        height = 1;
    if (prefs->cursor < PREFS_SETTINGS)
        prefs->top = 0;
    else if (prefs->cursor - PREFS_SETTINGS < prefs->top)
        prefs->top = prefs->cursor - PREFS_SETTINGS;
    else if (prefs->cursor - PREFS_SETTINGS >= prefs->top + (size_t)height)
        prefs->top = prefs->cursor - PREFS_SETTINGS - (size_t)height + 1;
}

static bool mouse(struct screen *screen, const struct input *input, const struct layout *layout)
{
    struct prefs *prefs = prefs_of(screen);
    bool inside = prefs->known && rect_has(prefs->rect, input->x, input->y);
    size_t row = inside ? prefs_row_at(prefs, input->y) : SIZE_MAX, channel = prefs_channel_at(prefs, input->x);

    (void)layout;
    if (input->mouse == MOUSE_WHEEL_UP || input->mouse == MOUSE_WHEEL_DOWN) {
        scroll(screen, input->mouse == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
        return false;
    }
    if (row == SIZE_MAX)
        return false;
    prefs->cursor = row;
    if (row >= PREFS_SETTINGS && channel != SIZE_MAX)
        prefs->channel = channel;
    host_dirty(screen->host);
    return row < PREFS_SETTINGS || channel != SIZE_MAX; /* on its name a second click turns no switch */
}

static void tell(const struct screen *screen, struct nb_strbuf *out)
{
    const struct prefs *prefs = prefs_of(screen);

    if (!prefs->known)
        nb_strbuf_append(out, glyph_text(GLYPH_ELLIPSIS, screen->host->ascii));
    else
        nb_strbuf_appendf(out, "%zu types", prefs->known->type_count);
}

static bool is_settled(const struct screen *screen)
{
    return prefs_of(screen)->known != NULL;
}

static const struct screen_ops ops = {
    .open = open_prefs,
    .close = close_prefs,
    .enter = enter,
    .bell = bell,
    .aged = aged,
    .layout = lay_out,
    .draw = prefs_draw,
    .mouse = mouse,
    .scroll = scroll,
    .search = search,
    .settled = is_settled,
    .tell = tell,
};

const struct screen_kind screen_prefs = {
    .context = CONTEXT_PREFS,
    .subjects = NB_SUBJECT_BIT(NB_SUBJECT_INBOX),
    .caption = "what you hear, when and by which channel",
    .ops = &ops,
};
