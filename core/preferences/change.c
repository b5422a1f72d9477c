/*
 * change.c - preferences as people type them: "BOOKING_CREATED.email=off", "quiet=22:00-07:00".
 */
#include "preferences/preferences.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"

#define NAME_SIZE    128
#define CHANNEL_SIZE 21

static int refuse(struct nb_error *err, const char *key, const char *value, const char *expected)
{
    return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%.60s: \"%.60s\": expected %s", key, value, expected);
}

static json_t *list_of(json_t *changes, const char *name)
{
    json_t *list = json_object_get(changes, name);

    if (!list)
        json_object_set_new(changes, name, list = json_array());
    return list;
}

/* ---- values ---- */

/* "22:00" "7:30" "7" to "07:30"; what follows it is left at *at. */
static bool take_time_of_day(char text[6], const char **at)
{
    const char *from = *at;
    int hour = 0, minute = 0, digits = 0;

    for (; digits < 2 && isdigit((unsigned char)*from); digits++)
        hour = hour * 10 + (*from++ - '0');
    if (digits == 0 || hour > 23)
        return false;
    if (*from == ':') {
        if (!isdigit((unsigned char)from[1]) || !isdigit((unsigned char)from[2]) || from[1] > '5')
            return false;
        minute = (from[1] - '0') * 10 + (from[2] - '0');
        from += 3;
    }
    nb_text_format(text, 6, "%02d:%02d", hour, minute);
    *at = from;
    return true;
}

static int set_quiet(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    char from[6], to[6];
    const char *at = value;

    (void)now;
    if (strcasecmp(value, "off") == 0) {
        json_object_set_new(changes, "quiet", json_null());
        return NB_OK;
    }
    if (!take_time_of_day(from, &at) || *at++ != '-' || !take_time_of_day(to, &at) || *at)
        return refuse(err, key, value, "two times of day such as 22:00-07:00, or off");
    if (strcmp(from, to) == 0)
        return refuse(err, key, value, "quiet hours that do not end when they begin");
    json_object_set_new(changes, "quiet", json_pack("{s:s,s:s}", "from", from, "to", to));
    return NB_OK;
}

static bool add_days(json_t *days, const char *word, size_t length)
{
    static const char *const whole[] = {"monday",   "tuesday", "wednesday", "thursday", "friday",
                                        "saturday", "sunday",  "weekend",   NULL};
    size_t i = 0;

    while (whole[i] && (length < 3 || strncasecmp(whole[i], word, length) != 0 || length > strlen(whole[i])))
        i++;
    if (!whole[i])
        return false;
    for (size_t day = i < NB_DAY_COUNT ? i : 5; day < (i < NB_DAY_COUNT ? i + 1 : NB_DAY_COUNT); day++)
        json_array_append_new(days, json_string(nb_day_names[day]));
    return true;
}

static int set_quiet_days(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    json_t *days = json_array();

    (void)now;
    json_object_set_new(changes, "quiet_days", days);
    if (strcasecmp(value, "off") == 0)
        return NB_OK;
    for (const char *at = value;;) {
        size_t length = strcspn(at, ",");
        if (!add_days(days, at, length))
            return refuse(err, key, value, "days such as sat,sun, or off");
        if (at[length] == '\0')
            return NB_OK;
        at += length + 1;
    }
}

static int set_dnd(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    char text[NB_TIME_TEXT_SIZE];
    int64_t until;
    int rc;

    if (strcasecmp(value, "off") == 0) {
        json_object_set_new(changes, "dnd_until", json_null());
        return NB_OK;
    }
    if ((rc = nb_time_parse_future(&until, value, now, NULL)) < 0)
        return refuse(err, key, value, "until when, such as 2h, tonight, monday 9:00 or a date; or off");
    json_object_set_new(changes, "dnd_until", json_string(nb_time_format_rfc3339(until, text)));
    return NB_OK;
}

static int set_digest(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    static const char *const words[] = {"off", "hourly", "daily", NULL};
    static const char expected[] = "off, hourly, daily, or daily@08:00";
    size_t length = strcspn(value, "@"), i = 0;
    const char *at = value + length;
    char time[6];

    (void)now;
    while (words[i] && (strlen(words[i]) != length || strncasecmp(words[i], value, length) != 0))
        i++;
    if (!words[i])
        return refuse(err, key, value, expected);
    if (*at == '@') {
        at++;
        if (strcmp(words[i], "daily") != 0 || !take_time_of_day(time, &at) || *at)
            return refuse(err, key, value, expected);
        json_object_set_new(changes, "digest_at", json_string(time));
    }
    json_object_set_new(changes, "digest", json_string(words[i]));
    return NB_OK;
}

/* The database checks whether there is such a zone or language. */
static int set_named(json_t *changes, const char *name, const char *value)
{
    json_object_set_new(changes, name, strcasecmp(value, "default") == 0 ? json_null() : json_string(value));
    return NB_OK;
}

static int set_zone(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    (void)now;
    return *value ? set_named(changes, "time_zone", value)
                  : refuse(err, key, value, "a time zone such as Europe/Riga, or default");
}

static int set_locale(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    (void)now;
    return *value ? set_named(changes, "locale", value)
                  : refuse(err, key, value, "a language such as lv or pt-BR, or default");
}

/* ---- keys ---- */

static const struct key {
    const char *name;
    const char *about;
    const char *values; /* examples, for completion and prompts */
    int (*set)(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err);
} keys[] = {
    {"quiet", "quiet hours, on your clock", "22:00-07:00 off", set_quiet},
    {"quiet-days", "days that are quiet as a whole", "sat,sun weekend off", set_quiet_days},
    {"dnd", "do not disturb until then", "1h 2h 4h tonight tomorrow off", set_dnd},
    {"digest", "what is not critical, collected", "off hourly daily daily@08:00", set_digest},
    {"zone", "the time zone of your clock", "default", set_zone},
    {"locale", "your language", "default", set_locale},
};
static const struct {
    const char *word, *channel, *about;
} channels[] = {
    {"in_app", "in_app", "your inbox"}, {"inbox", "in_app", NULL}, {"email", "email", "e-mail"},
    {"push", "push", "your devices"},   {"sms", "sms", "SMS"},     {"webhook", "webhook", "webhooks"},
};
static const char switch_values[] = "on off default";

static bool can_be_channel(const char *word)
{
    size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return length > 0 && length < CHANNEL_SIZE && word[length] == '\0' && isalpha((unsigned char)word[0]);
}

/* Of one that is none of those that every installation has, the database says whether there is such a channel. False: it can be none. */
static bool find_channel(char out[CHANNEL_SIZE], const char *word)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(channels); i++)
        if (strcasecmp(channels[i].word, word) == 0) {
            nb_text_copy(out, CHANNEL_SIZE, channels[i].channel);
            return true;
        }
    if (!can_be_channel(word))
        return false;
    nb_text_copy(out, CHANNEL_SIZE, word);
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return true;
}

/* What every installation's channel is for; NULL: it is one of this installation's own. */
static const char *about_channel(const char *name)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(channels); i++)
        if (channels[i].about && strcmp(channels[i].channel, name) == 0)
            return channels[i].about;
    return NULL;
}

/* "threshold" "threshold:EVENT_TYPE" "threshold:module:MODULE" */
static int set_threshold(json_t *changes, const char *scope, const char *value)
{
    bool of_module = strncmp(scope, ":module:", 8) == 0;
    const char *name = of_module ? scope + 8 : *scope == ':' ? scope + 1 : "*";
    json_t *condition = strcasecmp(value, "off") == 0 ? json_null() : json_string(value);

    json_array_append_new(list_of(changes, "thresholds"),
                          json_pack("{s:s,s:s,s:o}", "event_type", of_module ? "*" : name, "module",
                                    of_module ? name : "*", "condition", condition));
    return NB_OK;
}

/* "email" "BOOKING_CREATED.email" "module:billing.sms": a name may have points in it, a channel has none. */
static int set_switch(json_t *changes, const char *key, const char *value, struct nb_error *err)
{
    const char *point = strrchr(key, '.');
    char channel[CHANNEL_SIZE], scope[NAME_SIZE] = "*";
    bool is_channel = find_channel(channel, point ? point + 1 : key);
    bool is_switched =
        strcasecmp(value, "on") == 0 || strcasecmp(value, "off") == 0 || strcasecmp(value, "default") == 0;
    bool of_module = strncasecmp(key, "module:", 7) == 0;
    json_t *enabled;

    if (!is_channel || (!is_switched && !about_channel(channel)) || point == key ||
        (point && (size_t)(point - key) >= sizeof(scope))) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "there is no preference \"%.60s\"", key);
        return nb_error_hint(err, "give a channel (email=off), TYPE.CHANNEL or module:NAME.CHANNEL, or one of quiet, "
                                  "quiet-days, dnd, digest, zone, locale, threshold");
    }
    if (!is_switched)
        return refuse(err, key, value, "on, off or default");
    enabled = strcasecmp(value, "default") == 0 ? json_null() : json_boolean(strcasecmp(value, "on") == 0);
    if (point)
        nb_text_format(scope, sizeof(scope), "%.*s", (int)(point - key), key);
    if (!of_module)
        for (char *c = scope; *c; c++)
            *c = (char)toupper((unsigned char)*c);
    json_array_append_new(list_of(changes, "preferences"),
                          json_pack("{s:s,s:s,s:s,s:o}", "type", of_module ? "*" : scope, "module",
                                    of_module ? scope + 7 : "*", "channel", channel, "enabled", enabled));
    return NB_OK;
}

int nb_preference_change(json_t *changes, const char *key, const char *value, int64_t now, struct nb_error *err)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(keys); i++)
        if (strcasecmp(keys[i].name, key) == 0)
            return keys[i].set(changes, key, value, now, err);
    if (strncmp(key, "threshold", 9) == 0 && (key[9] == '\0' || (key[9] == ':' && key[10])))
        return set_threshold(changes, key + 9, value);
    return set_switch(changes, key, value, err);
}

int nb_preference_change_text(json_t *changes, const char *text, int64_t now, struct nb_error *err)
{
    const char *equals = strchr(text, '=');
    char *key;
    int rc;

    if (!equals) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%.60s\": expected KEY=VALUE", text);
        return nb_error_hint(err, "for instance email=off, BOOKING_CREATED.email=off or quiet=22:00-07:00");
    }
    key = nb_strndup(text, (size_t)(equals - text));
    rc = nb_preference_change(changes, key, equals + 1, now, err);
    free(key);
    return rc;
}

/* ---- suggestions ---- */

static void suggest_values(const char *key, const char *values, nb_preference_suggested *suggested, void *arg)
{
    for (const char *at = values; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        char *text = nb_asprintf("%s=%.*s", key, (int)length, at);
        suggested(arg, text, NULL);
        free(text);
        at += length;
    }
}

/* scope: what stands before a channel, with its point. */
static void suggest_channels(const char *scope, const char *const *names, nb_preference_suggested *suggested, void *arg)
{
    static const char *const everywhere[] = {"in_app", "email", "push", "sms", "webhook", NULL};

    for (const char *const *name = names ? names : everywhere; *name; name++) {
        const char *about = about_channel(*name);
        char *text = nb_asprintf("%s%s=", scope, *name);

        suggested(arg, text, about ? about : "a channel of this installation");
        free(text);
    }
}

const char *nb_preference_channel_typed(const char *text)
{
    const char *point = strrchr(text, '.');

    return point ? point + 1 : text;
}

void nb_preference_suggest(const char *text, const char *const *names, nb_preference_suggested *suggested, void *arg)
{
    const char *equals = strchr(text, '='), *point = strrchr(text, '.');
    char *key = nb_strndup(text, equals ? (size_t)(equals - text) : point ? (size_t)(point + 1 - text) : 0);
    const char *values = equals && strncmp(key, "threshold", 9) != 0 ? switch_values : NULL;

    for (size_t i = 0; i < NB_ARRAY_SIZE(keys); i++) {
        char *with_equals = nb_asprintf("%s=", keys[i].name);
        if (!equals && !point)
            suggested(arg, with_equals, keys[i].about);
        else if (equals && strcasecmp(keys[i].name, key) == 0)
            values = keys[i].values;
        free(with_equals);
    }
    if (values)
        suggest_values(key, values, suggested, arg);
    if (!equals)
        suggest_channels(key, names, suggested, arg);
    if (!equals && !point)
        suggested(arg, "threshold:", "your own condition for an event type");
    free(key);
}

/* ---- shown ---- */

void nb_preference_quiet_text(struct nb_strbuf *out, const struct nb_preferences *preferences)
{
    if (preferences->quiet_from && preferences->quiet_to)
        nb_strbuf_appendf(out, "%s-%s", preferences->quiet_from, preferences->quiet_to);
    else
        nb_strbuf_append(out, "off");
}

void nb_preference_days_text(struct nb_strbuf *out, const struct nb_preferences *preferences)
{
    bool any = false;

    for (size_t day = 0; day < NB_DAY_COUNT; day++) {
        if (!preferences->quiet_days[day])
            continue;
        nb_strbuf_appendf(out, "%s%s", any ? "," : "", nb_day_names[day]);
        any = true;
    }
    if (!any)
        nb_strbuf_append(out, "off");
}

void nb_preference_digest_text(struct nb_strbuf *out, const struct nb_preferences *preferences)
{
    nb_strbuf_append(out, preferences->digest ? preferences->digest : "off");
    if (preferences->digest && strcmp(preferences->digest, "daily") == 0 && preferences->digest_at)
        nb_strbuf_appendf(out, "@%s", preferences->digest_at);
}
