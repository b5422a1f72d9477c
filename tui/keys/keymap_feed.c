/*
 * keymap_feed.c - finds the binding for key presses: sequences, counts, timeouts, and which keys can follow.
 */
#include "config.h"

#include <string.h>

#include "tui/keys/keymap_internal.h"

#define COUNT_MAX 999999

struct key_scope key_scope(enum context screen, bool detail)
{
    struct key_scope scope = {.count = 0};
    bool is_list = context_shape(screen) == SCREEN_IS_LIST;

    if (detail)
        scope.contexts[scope.count++] = CONTEXT_DETAIL;
    scope.contexts[scope.count++] = screen;
    if (is_list)
        scope.contexts[scope.count++] = CONTEXT_LIST;
    scope.contexts[scope.count++] = CONTEXT_GLOBAL;
    return scope;
}

static bool begins_with(const struct binding *binding, const struct key *keys, size_t length)
{
    if (binding->length < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!key_equal(binding->keys[i], keys[i]))
            return false;
    return true;
}

const struct binding *keymap_find(const struct keymap *keymap, const struct key_scope *scope, const struct key *keys,
                                  size_t length)
{
    for (size_t i = 0; i < scope->count; i++)
        for (size_t j = 0; j < keymap->bindings.count; j++) {
            const struct binding *binding = &keymap->bindings.data[j];

            if (binding->context == scope->contexts[i] && binding->length == length &&
                begins_with(binding, keys, length))
                return binding;
        }
    return NULL;
}

/* Whether the binding's keys lead to it in scope: nothing more exact hides it. */
static bool in_force(const struct keymap *keymap, const struct key_scope *scope, const struct binding *binding)
{
    return !binding->unbound && keymap_find(keymap, scope, binding->keys, binding->length) == binding;
}

/* Whether a longer binding begins with these keys. */
static bool has_longer(const struct keymap *keymap, const struct key_scope *scope, const struct key *keys,
                       size_t length)
{
    for (size_t i = 0; i < keymap->bindings.count; i++) {
        const struct binding *binding = &keymap->bindings.data[i];

        if (binding->length > length && begins_with(binding, keys, length) && in_force(keymap, scope, binding))
            return true;
    }
    return false;
}

static const struct binding *find_command(const struct keymap *keymap, const struct key_scope *scope,
                                          const struct key *keys, size_t length)
{
    const struct binding *binding = length > 0 ? keymap_find(keymap, scope, keys, length) : NULL;

    return binding && !binding->unbound ? binding : NULL;
}

static void state_reset(struct key_state *state)
{
    *state = (struct key_state){0};
}

static bool is_digit(struct key key)
{
    return key.code >= '0' && key.code <= '9';
}

static enum key_result add_digit(struct key_state *state, uint32_t code)
{
    int value = state->count * 10 + (int)(code - '0');

    state->counting = true;
    state->count = value > COUNT_MAX ? COUNT_MAX : value;
    state->length = 0;
    return KEY_PENDING;
}

/* A digit belongs to a count that has begun, or begins one when the keymap does not bind it. */
static bool is_count(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state,
                     struct key key)
{
    if (state->length > 0 || !is_digit(key) || key.modifiers != 0)
        return false;
    return state->counting || (!find_command(keymap, scope, &key, 1) && !has_longer(keymap, scope, &key, 1));
}

static enum key_result fire(struct key_state *state, const struct binding *found, struct key replay,
                            const struct binding **binding, int *count)
{
    struct key last = found->keys[found->length - 1];

    if (found->command.action == ACTION_DIGIT)
        return is_digit(last) ? add_digit(state, last.code) : KEY_UNBOUND;
    *binding = found;
    *count = state->count;
    state_reset(state);
    state->replay = replay;
    return KEY_FIRE;
}

enum key_result keymap_feed(const struct keymap *keymap, const struct key_scope *scope, struct key_state *state,
                            struct key key, const struct binding **binding, int *count)
{
    static const struct key none = {0, 0};
    const struct binding *found;

    state->replay = none;
    if (key.code == NAMED_ESCAPE && key.modifiers == 0 && (state->length > 0 || state->counting)) {
        state_reset(state);
        return KEY_CANCEL;
    }
    if (is_count(keymap, scope, state, key))
        return add_digit(state, key.code);
    if (state->length < KEYMAP_MAX_SEQUENCE)
        state->keys[state->length++] = key;
    if (has_longer(keymap, scope, state->keys, state->length))
        return KEY_PENDING;
    found = find_command(keymap, scope, state->keys, state->length);
    if (found)
        return fire(state, found, none, binding, count);
    /* the key does not continue the sequence: the shorter binding runs, and the key starts a new sequence */
    found = find_command(keymap, scope, state->keys, state->length - 1);
    if (found)
        return fire(state, found, key, binding, count);
    state_reset(state);
    return KEY_UNBOUND;
}

bool keymap_waits(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state)
{
    return find_command(keymap, scope, state->keys, state->length) != NULL;
}

enum key_result keymap_timeout(const struct keymap *keymap, const struct key_scope *scope, struct key_state *state,
                               const struct binding **binding, int *count)
{
    const struct binding *found = find_command(keymap, scope, state->keys, state->length);

    if (found)
        return fire(state, found, (struct key){0, 0}, binding, count);
    state_reset(state);
    return KEY_UNBOUND;
}

void keymap_pending(const struct key_state *state, struct nb_strbuf *out)
{
    if (state->counting)
        nb_strbuf_appendf(out, "%d", state->count);
    for (size_t i = 0; i < state->length; i++) {
        if (i > 0 || state->counting)
            nb_strbuf_append_char(out, ' ');
        key_format(out, state->keys[i]);
    }
}

void keymap_visit(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state,
                  keymap_visitor *visit, void *arg)
{
    for (size_t i = 0; i < scope->count; i++)
        for (size_t j = 0; j < keymap->bindings.count; j++) {
            const struct binding *binding = &keymap->bindings.data[j];

            if (binding->context == scope->contexts[i] &&
                (!state || begins_with(binding, state->keys, state->length)) && in_force(keymap, scope, binding))
                visit(arg, binding);
        }
}

void keymap_visit_context(const struct keymap *keymap, enum context context, keymap_visitor *visit, void *arg)
{
    for (size_t i = 0; i < keymap->bindings.count; i++)
        if (keymap->bindings.data[i].context == context && !keymap->bindings.data[i].unbound)
            visit(arg, &keymap->bindings.data[i]);
}

void binding_format(struct nb_strbuf *out, const struct binding *binding)
{
    for (size_t i = 0; i < binding->length; i++) {
        if (i > 0)
            nb_strbuf_append_char(out, ' ');
        key_format(out, binding->keys[i]);
    }
}

/* The search for the shortest keys of an action. */
struct shortest {
    enum action action;
    const struct binding *best;
    size_t best_size;
};

static void consider(void *arg, const struct binding *binding)
{
    struct shortest *shortest = arg;
    struct nb_strbuf keys;

    if (binding->command.action != shortest->action || binding->command.argc > 0 || binding->command.option)
        return;
    nb_strbuf_init(&keys, 300);
    binding_format(&keys, binding);
    if (!shortest->best || keys.length < shortest->best_size) {
        shortest->best = binding;
        shortest->best_size = keys.length;
    }
    nb_strbuf_clear(&keys);
}

void keymap_keys_of(const struct keymap *keymap, const struct key_scope *scope, enum action action,
                    struct nb_strbuf *out)
{
    struct shortest shortest = {.action = action};

    if (scope)
        keymap_visit(keymap, scope, NULL, consider, &shortest);
    else
        for (int context = 0; context < CONTEXT_COUNT; context++)
            keymap_visit_context(keymap, (enum context)context, consider, &shortest);
    if (shortest.best)
        binding_format(out, shortest.best);
}
