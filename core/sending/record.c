/*
 * record.c - answers become columns of delivery_sent() and delivery_finish(), a batch at a time: while one is on its way the next gathers.
 *
 * What was sent at its only try, nearly everything, goes by the first, which is several times as cheap; all else by the other.
 * A batch that the database refuses is recorded one by one. What cannot be recorded at all is let go: its lease ends, and it is
 * sent again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "db/server_query.h"
#include "sending/sending_internal.h"

#define ITEMS_AT_ONCE 500
#define GATHER_MS     2
#define TRY_AGAIN_MS  1000
#define TRIES_ALONE   3

struct record {
    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_senders *senders;
    hand_done *recorded;
    void *arg;
    struct nb_uuid worker;
    struct nb_timer *timer;
    struct nb_request *running;
    NB_VEC(struct item *) waiting;
    size_t batch; /* the first of waiting, that are on their way */
    bool is_sent_batch;
    size_t alone; /* so many are recorded one by one, because one of them was refused */
    int refused;  /* how often the first alone was */
    int64_t count;
};

/* ---- columns ---- */

struct columns {
    struct nb_arena *arena;
    NB_VEC(struct nb_uuid) tenants, users, ids, targets;
    NB_VEC(int64_t) numbers, items, codes, latencies, retry_afters, ended, faults, retries;
    NB_VEC(const char *)
    ends, outcomes, errors, message_ids, channels, endpoints, providers, addresses, schedule_channels, schedules;
};

static void add_flight(struct columns *columns, size_t number, const struct item *item, const struct flight *flight)
{
    static const char *const outcomes[] = {
        [NB_SEND_SENT] = "sent", [NB_SEND_RETRY] = "retry", [NB_SEND_FAILED] = "failed"};
    const struct nb_channel *channel = nb_sender_channel(item->sender);

    nb_vec_push(&columns->items, (int64_t)number);
    nb_vec_push(&columns->outcomes, flight->cancelled ? "cancelled" : outcomes[flight->outcome]);
    nb_vec_push(&columns->codes, flight->code);
    nb_vec_push(&columns->latencies, flight->latency_ms);
    nb_vec_push(&columns->errors, flight->error);
    nb_vec_push(&columns->message_ids, flight->message_id);
    nb_vec_push(&columns->retry_afters, flight->retry_after_ms);
    nb_vec_push(&columns->ended, flight->address_ended);
    nb_vec_push(&columns->faults, flight->provider_fault);
    nb_vec_push(&columns->targets, flight->target.id);
    nb_vec_push(&columns->channels, item->message.channel);
    nb_vec_push(&columns->endpoints, flight->place ? flight->place->endpoint : NULL);
    nb_vec_push(&columns->providers, channel->ops->kind);
    nb_vec_push(&columns->addresses, flight->target.address);
}

/* Whoever was not tried has no row: what was given back, and what was stopped before it began. */
static void add_item(struct columns *columns, const struct item *item)
{
    static const char *const ends[] = {
        [ITEM_ANSWERED] = "answered", [ITEM_CANCELLED] = "cancelled", [ITEM_BACK] = "back"};
    size_t retries;

    nb_vec_push(&columns->tenants, item->message.tenant);
    nb_vec_push(&columns->users, item->message.user);
    nb_vec_push(&columns->ids, item->message.delivery);
    nb_vec_push(&columns->numbers, item->message.attempt);
    nb_vec_push(&columns->ends, ends[item->end]);
    (void)nb_channel_spans_ms(nb_sender_channel(item->sender), "retries", &retries);
    nb_vec_push(&columns->retries, (int64_t)retries);
    for (size_t i = 0; i < item->flight_count; i++)
        if (item->end != ITEM_BACK && !(item->flights[i].cancelled && item->flights[i].began_ms == 0))
            add_flight(columns, columns->ids.count, item, &item->flights[i]);
}

static void add_schedules(struct columns *columns, struct nb_senders *senders)
{
    for (size_t i = 0; i < nb_senders_count(senders); i++) {
        const struct nb_channel *channel = nb_sender_channel(nb_senders_at(senders, i));
        struct nb_strbuf text;
        size_t count;
        const int64_t *spans = nb_channel_spans_ms(channel, "retries", &count);

        nb_strbuf_init(&text, NB_MESSAGE_MAX);
        nb_strbuf_append_char(&text, '{');
        for (size_t n = 0; n < count; n++)
            nb_strbuf_appendf(&text, "%s%lld", n > 0 ? "," : "", (long long)spans[n]);
        nb_strbuf_append_char(&text, '}');
        nb_vec_push(&columns->schedule_channels, channel->name);
        nb_vec_push(&columns->schedules, nb_arena_strdup(columns->arena, text.data));
        nb_strbuf_clear(&text);
    }
}

#define ADD_INTS(params, column)  nb_params_int_array(params, (column).data, (column).count)
#define ADD_TEXTS(params, column) nb_params_text_array(params, (column).data, (column).count)
#define ADD_UUIDS(params, column) nb_params_uuid_array(params, (column).data, (column).count)

static struct nb_params *sent_params(const struct record *record, const struct columns *columns)
{
    struct nb_params *params = nb_params_new();

    nb_params_uuid(params, &record->worker);
    ADD_UUIDS(params, columns->tenants);
    ADD_UUIDS(params, columns->users);
    ADD_UUIDS(params, columns->ids);
    ADD_INTS(params, columns->numbers);
    ADD_INTS(params, columns->retries);
    ADD_INTS(params, columns->codes);
    ADD_INTS(params, columns->latencies);
    ADD_TEXTS(params, columns->message_ids);
    ADD_UUIDS(params, columns->targets);
    ADD_TEXTS(params, columns->channels);
    ADD_TEXTS(params, columns->endpoints);
    ADD_TEXTS(params, columns->providers);
    ADD_TEXTS(params, columns->addresses);
    return params;
}

static struct nb_params *finish_params(const struct record *record, const struct columns *columns)
{
    struct nb_params *params = nb_params_new();

    nb_params_uuid(params, &record->worker);
    ADD_UUIDS(params, columns->tenants);
    ADD_UUIDS(params, columns->users);
    ADD_UUIDS(params, columns->ids);
    ADD_INTS(params, columns->numbers);
    ADD_TEXTS(params, columns->ends);
    ADD_TEXTS(params, columns->schedule_channels);
    ADD_TEXTS(params, columns->schedules);
    ADD_INTS(params, columns->items);
    ADD_TEXTS(params, columns->outcomes);
    ADD_INTS(params, columns->codes);
    ADD_INTS(params, columns->latencies);
    ADD_TEXTS(params, columns->errors);
    ADD_TEXTS(params, columns->message_ids);
    ADD_INTS(params, columns->retry_afters);
    ADD_INTS(params, columns->ended);
    ADD_INTS(params, columns->faults);
    ADD_UUIDS(params, columns->targets);
    ADD_TEXTS(params, columns->channels);
    ADD_TEXTS(params, columns->endpoints);
    ADD_TEXTS(params, columns->providers);
    ADD_TEXTS(params, columns->addresses);
    return params;
}

static void columns_clear(struct columns *columns)
{
    nb_vec_clear(&columns->tenants);
    nb_vec_clear(&columns->users);
    nb_vec_clear(&columns->ids);
    nb_vec_clear(&columns->targets);
    nb_vec_clear(&columns->numbers);
    nb_vec_clear(&columns->items);
    nb_vec_clear(&columns->codes);
    nb_vec_clear(&columns->latencies);
    nb_vec_clear(&columns->retry_afters);
    nb_vec_clear(&columns->ended);
    nb_vec_clear(&columns->faults);
    nb_vec_clear(&columns->retries);
    nb_vec_clear(&columns->ends);
    nb_vec_clear(&columns->outcomes);
    nb_vec_clear(&columns->errors);
    nb_vec_clear(&columns->message_ids);
    nb_vec_clear(&columns->channels);
    nb_vec_clear(&columns->endpoints);
    nb_vec_clear(&columns->providers);
    nb_vec_clear(&columns->addresses);
    nb_vec_clear(&columns->schedule_channels);
    nb_vec_clear(&columns->schedules);
    nb_arena_free(&columns->arena);
}

/* ---- a batch ---- */

static void gather(struct record *record, int64_t wait_ms)
{
    if (!record->running && record->waiting.count > 0 && !nb_timer_active(record->timer))
        nb_timer_start(record->timer, wait_ms);
}

static bool was_just_sent(const struct item *item)
{
    return item->end == ITEM_ANSWERED && item->flight_count == 1 && item->flights[0].outcome == NB_SEND_SENT &&
           !item->flights[0].cancelled && !item->is_left;
}

/* Of the first `among` that wait those that are alike go before the others, up to a batch of them. Returns how many. */
static size_t sort_waiting(struct record *record, size_t among, bool just_sent)
{
    struct item **others = nb_calloc(among + 1, sizeof(struct item *));
    size_t alike = 0, count = 0;

    for (size_t i = 0; i < among; i++) {
        struct item *item = record->waiting.data[i];

        if (was_just_sent(item) == just_sent && alike < ITEMS_AT_ONCE)
            record->waiting.data[alike++] = item;
        else
            others[count++] = item;
    }
    if (count > 0)
        memcpy(record->waiting.data + alike, others, count * sizeof(struct item *));
    free(others);
    return alike;
}

/* The first of those that wait are done with. */
static void let_go(struct record *record, size_t count)
{
    struct item **items = nb_calloc(count + 1, sizeof(struct item *));

    memcpy(items, record->waiting.data, count * sizeof(struct item *));
    memmove(record->waiting.data, record->waiting.data + count,
            (record->waiting.count - count) * sizeof(struct item *));
    record->waiting.count -= count;
    for (size_t i = 0; i < count; i++)
        record->recorded(record->arg, items[i]);
    free(items);
}

static void was_refused(struct record *record, const struct nb_error *err)
{
    nb_log(NB_LOG_WARN, "sending recorded=no deliveries=%zu reason=%s", record->batch, nb_log_quote(err->message));
    if (err->code == NB_EUNREACHABLE || err->code == NB_ECANCELLED)
        return;
    if (record->batch > 1) {
        record->alone = record->batch;
        record->refused = 0;
    } else if (++record->refused >= TRIES_ALONE) {
        record->refused = 0;
        record->alone -= record->alone > 0;
        let_go(record, 1);
    }
}

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct record *record = arg;
    size_t batch = record->batch;

    record->running = NULL;
    if (err) {
        was_refused(record, err);
        record->batch = 0;
        gather(record, TRY_AGAIN_MS);
        return;
    }
    record->batch = 0;
    record->refused = 0;
    record->alone -= record->alone > 0;
    for (size_t row = 0; record->is_sent_batch && row < nb_result_rows(result); row++)
        record->waiting.data[nb_result_int(result, row, 0) - 1]->is_left = true;
    if (record->is_sent_batch && nb_result_rows(result) > 0)
        batch = sort_waiting(record, batch, true);
    record->count += (int64_t)batch;
    let_go(record, batch);
    gather(record, 0);
}

static void send_batch(void *arg)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    struct record *record = arg;
    struct columns columns = {.arena = nb_arena_new()};

    if (!record->running && record->waiting.count > 0 &&
        nb_connection_state(record->connection) == NB_CONNECTION_READY) {
        record->is_sent_batch = was_just_sent(record->waiting.data[0]);
        record->batch = record->alone > 0 ? 1 : sort_waiting(record, record->waiting.count, record->is_sent_batch);
        for (size_t i = 0; i < record->batch; i++)
            add_item(&columns, record->waiting.data[i]);
        add_schedules(&columns, record->senders);
        record->running = record->is_sent_batch
                              ? nb_server_query(record->connection, NB_SERVER_SQL_DELIVERY_SENT,
                                                sent_params(record, &columns), &options, answered, record)
                              : nb_server_query(record->connection, NB_SERVER_SQL_DELIVERY_FINISH,
                                                finish_params(record, &columns), &options, answered, record);
    }
    columns_clear(&columns);
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    (void)err;
    if (state == NB_CONNECTION_READY)
        gather(arg, 0);
}

/* ---- life ---- */

struct record *record_new(struct nb_connection *connection, struct nb_senders *senders, hand_done *recorded, void *arg)
{
    struct record *record = nb_calloc(1, sizeof(*record));

    record->connection = connection;
    record->senders = senders;
    record->recorded = recorded;
    record->arg = arg;
    record->timer = nb_loop_add_timer(nb_connection_loop(connection), send_batch, record);
    record->observer = (struct nb_connection_observer){.state_changed = state_changed, .arg = record};
    nb_connection_observe(connection, &record->observer);
    return record;
}

void record_free(struct record **out)
{
    struct record *record = *out;

    if (!record)
        return;
    if (record->running)
        nb_request_abandon(&record->running);
    nb_connection_unobserve(record->connection, &record->observer);
    nb_timer_remove(&record->timer);
    nb_vec_clear(&record->waiting);
    nb_free(out);
}

void record_start(struct record *record, const struct nb_uuid *worker)
{
    record->worker = *worker;
}

void record_item(struct record *record, struct item *item)
{
    nb_vec_push(&record->waiting, item);
    gather(record, GATHER_MS);
}

int64_t record_count(const struct record *record)
{
    return record->count;
}
