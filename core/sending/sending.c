/*
 * sending.c - when to claim, and how much: as much as the hand has room for, by channel and lane, and again as it empties.
 *
 * Dead index entries of what was claimed before cannot be removed while somebody holds a snapshot open. A claim therefore looks
 * only from the due time on up to which it has seen everything, and from the beginning (for what was committed late, or whose lease
 * has ended) from time to time: so rarely that it takes a twentieth of the time.
 */
#include "sending/sending.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/server_query.h"
#include "sending/sending_internal.h"

/* A hand may hold twice what can be under way, and what is being recorded. */
static const size_t hand_max[LANES] = {500, 2000, 500};
#define ROOM_WORTH_IT   INT64_C(200) /* with less a claim waits, as long as something is in hand */
#define SHARE_LEAST     INT64_C(100)
#define LEASE_MARGIN_MS INT64_C(60000)
#define BEGIN_MARGIN_MS INT64_C(10000)
#define FULL_LOOK_MS    INT64_C(100) /* at most every so often from the beginning */
#define FULL_LOOK_SHARE 20
#define TRY_AGAIN_MS    1000
#define PEERS_MS        1000 /* as long as there is work it asks so often how many workers send by its channels */

/* What one worker has of a channel that several send by. */
struct portion {
    int64_t most;  /* so many at once at one endpoint */
    int64_t least; /* so many of a provider in hand make a claim worth it, be it by one connection */
};

struct nb_sending {
    struct nb_connection *claims;
    struct nb_connection_observer observer;
    struct nb_senders *senders;
    struct hand *hand;
    struct record *record;
    struct lane *lanes;       /* three for each channel */
    struct portion *portions; /* of each channel */
    struct nb_uuid worker;
    bool is_registered;
    bool draining;
    bool more;      /* there may be more than the last claim took */
    bool full_next; /* the next claim looks from the beginning */
    bool is_full;   /* the one under way does */
    bool is_roomy;  /* and has room for first tries: where it finds nothing, nothing is there */
    bool rang;      /* since the last claim: what is new is above the floors, and may be critical */
    bool is_quiet;  /* a claim from the beginning found nothing, and nothing has rung since */
    int64_t full_at, claimed_at, peers_at;
    int64_t lease_ms, patience_ms;
    struct nb_timer *alarm;
    struct nb_request *claiming, *waiting, *cancelling, *formers, *peers;
};

static const struct nb_channel *channel_at(const struct nb_sending *sending, size_t i)
{
    return nb_sender_channel(nb_senders_at(sending->senders, i));
}

static size_t index_of(const struct nb_sending *sending, const char *channel)
{
    size_t i = 0;

    while (strcmp(channel_at(sending, i)->name, channel) != 0)
        i++;
    return i;
}

static void add_channels(const struct nb_sending *sending, struct nb_params *params)
{
    size_t count = nb_senders_count(sending->senders);
    const char **names = nb_calloc(count, sizeof(*names));

    for (size_t i = 0; i < count; i++)
        names[i] = channel_at(sending, i)->name;
    nb_params_text_array(params, names, count);
    free(names);
}

static void pump(struct nb_sending *sending);

/* ---- how much at once ---- */

/* Of one endpoint: twice what may be under way there, so that the next are in hand as these end. Of a provider at least what makes a claim worth
 * it; of endpoints there are too many for that, and each could hang. */
static int64_t share_of(const struct nb_sending *sending, size_t channel)
{
    const struct portion *portion = &sending->portions[channel];
    int64_t share = 2 * portion->most;

    return share < portion->least && !channel_at(sending, channel)->ops->has_many_endpoints ? portion->least : share;
}

static int64_t part_of(int64_t whole, int64_t workers)
{
    return whole > workers ? whole / workers : 1;
}

/* What a channel's in_flight says is for all workers together. None takes into its hand what the others have to send, too. */
static void set_portion(struct nb_sending *sending, size_t channel, int64_t workers)
{
    int64_t in_flight = nb_channel_number(channel_at(sending, channel), "in_flight");

    sending->portions[channel] = (struct portion){part_of(in_flight, workers), part_of(SHARE_LEAST, workers)};
}

static void peers_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_sending *sending = arg;

    sending->peers = NULL;
    sending->peers_at = nb_monotonic_ms() + PEERS_MS;
    for (size_t row = 0; !err && row < nb_result_rows(result); row++)
        set_portion(sending, row, nb_result_int(result, row, 0));
    pump(sending);
}

static void ask_for_peers(struct nb_sending *sending)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE};
    struct nb_params *params;

    if (sending->peers)
        return;
    params = nb_params_new();
    nb_params_uuid(params, &sending->worker);
    add_channels(sending, params);
    sending->peers =
        nb_server_query(sending->claims, NB_SERVER_SQL_WORKER_SENDS, params, &options, peers_answered, sending);
}

/* A claim waits for the answer: one that has slept while others came would take what they are to send. */
static bool knows_peers(struct nb_sending *sending)
{
    if (nb_monotonic_ms() < sending->peers_at)
        return true;
    ask_for_peers(sending);
    return false;
}

/* How many more of a channel's lane may be in hand: what the hand has room for, and of one provider no more than its share. */
static int64_t room_of(const struct nb_sending *sending, size_t index, int lane)
{
    const struct nb_channel *channel = channel_at(sending, index);
    int64_t room = (int64_t)hand_max[lane] - (int64_t)hand_count_of(sending->hand, lane);
    int64_t share = share_of(sending, index) + (lane == 0 ? share_of(sending, index) / 2 : 0);

    if (!channel->ops->has_many_endpoints) {
        share -= (int64_t)hand_count_at(sending->hand, channel->name, channel->name);
        room = share < room ? share : room;
    }
    return room > 0 ? room : 0;
}

/* Half of a provider's share, while the other half is being sent, or what makes a claim worth it where there is more. */
static bool has_room(const struct nb_sending *sending)
{
    for (size_t i = 0; i < nb_senders_count(sending->senders); i++) {
        bool has_many = channel_at(sending, i)->ops->has_many_endpoints;
        int64_t worth_it = has_many ? ROOM_WORTH_IT : share_of(sending, i) / 2;

        if (room_of(sending, i, 1) >= (worth_it < ROOM_WORTH_IT ? worth_it : ROOM_WORTH_IT))
            return true;
    }
    return hand_count(sending->hand) == 0;
}

/* ---- a claim ---- */

struct load {
    NB_VEC(const char *) channels, endpoints;
    NB_VEC(int64_t) counts;
};

static void add_load(void *arg, const struct place *place)
{
    struct load *load = arg;

    if (place->in_hand == 0)
        return;
    nb_vec_push(&load->channels, place->channel);
    nb_vec_push(&load->endpoints, place->endpoint);
    nb_vec_push(&load->counts, (int64_t)place->in_hand);
}

static void add_lanes(struct nb_sending *sending, struct nb_params *params)
{
    size_t count = nb_senders_count(sending->senders) * LANES;
    const char **channels = nb_calloc(count, sizeof(*channels));
    int64_t *columns = nb_calloc(count * 4, sizeof(*columns));
    int64_t *numbers = columns, *rooms = columns + count, *floors = columns + 2 * count, *shares = columns + 3 * count;

    for (size_t i = 0; i < count; i++) {
        int lane = (int)(i % LANES);

        channels[i] = channel_at(sending, i / LANES)->name;
        numbers[i] = lane;
        rooms[i] = room_of(sending, i / LANES, lane);
        floors[i] = sending->is_full ? NB_TIME_NONE : sending->lanes[i].floor;
        shares[i] = share_of(sending, i / LANES);
        sending->lanes[i].room = rooms[i];
        sending->lanes[i].taken = 0;
    }
    nb_params_text_array(params, channels, count);
    nb_params_int_array(params, numbers, count);
    nb_params_int_array(params, rooms, count);
    nb_params_time_array(params, floors, count);
    nb_params_int_array(params, shares, count);
    free(columns);
    free(channels);
}

/* Where nothing can be sent to, that is the answer. */
static void answer_problem(struct nb_sending *sending, struct item *item, const char *problem)
{
    for (size_t i = 0; i < item->flight_count; i++) {
        item->flights[i].item = item;
        item->flights[i].outcome = NB_SEND_FAILED;
        item->flights[i].error = nb_arena_strdup(item->arena, problem);
        item->flights[i].answered = true;
        item->flights[i].retry_after_ms = -1;
    }
    hand_add_answered(sending->hand, item);
    record_item(sending->record, item);
}

static void take(struct nb_sending *sending, const struct nb_result *claimed, size_t row)
{
    const char *problem;
    struct item *item = message_item(claimed, row, sending->senders, &problem);
    size_t channel = index_of(sending, item->message.channel);
    struct lane *lane = &sending->lanes[channel * LANES + (size_t)item->lane];
    int64_t due = nb_result_time(claimed, row, CLAIM_DUE);

    item->sender = nb_senders_at(sending->senders, channel);
    item->most = &sending->portions[channel].most;
    item->lease = hand_place(sending->hand, item->message.channel, nb_result_text(claimed, row, CLAIM_ENDPOINT));
    item->until_ms = sending->claimed_at + sending->lease_ms - sending->patience_ms - BEGIN_MARGIN_MS;
    lane->taken++;
    if (lane->floor == NB_TIME_NONE || due > lane->floor)
        lane->floor = due;
    if (problem)
        answer_problem(sending, item, problem);
    else
        hand_add(sending->hand, item);
}

static void waits_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_sending *sending = arg;

    sending->waiting = NULL;
    if (err)
        nb_timer_start(sending->alarm, TRY_AGAIN_MS);
    else if (!nb_result_is_null(result, 0, 0) && !sending->more)
        nb_timer_start(sending->alarm, nb_result_int(result, 0, 0));
}

/* All that is due is taken: sleeps until something else is. */
static void find_next(struct nb_sending *sending)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE};
    struct nb_params *params;

    if (sending->waiting)
        return;
    params = nb_params_new();
    add_channels(sending, params);
    sending->waiting =
        nb_server_query(sending->claims, NB_SERVER_SQL_DELIVERY_WAITS, params, &options, waits_answered, sending);
}

static void claimed(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_sending *sending = arg;
    int64_t took_ms = nb_monotonic_ms() - sending->claimed_at;
    size_t rows;

    sending->claiming = NULL;
    if (err) {
        if (err->code != NB_EUNREACHABLE)
            nb_log(NB_LOG_WARN, "sending claimed=no reason=%s", nb_log_quote(err->message));
        sending->more = sending->full_next = true;
        nb_timer_start(sending->alarm, TRY_AGAIN_MS);
        return;
    }
    rows = nb_result_rows(result);
    if (sending->is_full)
        sending->full_at =
            nb_monotonic_ms() + (FULL_LOOK_SHARE * took_ms > FULL_LOOK_MS ? FULL_LOOK_SHARE * took_ms : FULL_LOOK_MS);
    for (size_t row = 0; row < rows; row++)
        take(sending, result, row);
    if (rows > 0)
        nb_log(NB_LOG_DEBUG, "sending claimed=%zu in_hand=%zu", rows, hand_count(sending->hand));
    if (rows > 0 || !sending->is_roomy) {
        sending->more = true;
    } else if (!sending->more && sending->is_full) {
        sending->is_quiet = true;
        find_next(sending);
    } else if (!sending->more) {
        sending->more = sending->full_next = true;
    }
    if (sending->draining)
        hand_give_back(sending->hand);
    hand_turn(sending->hand);
    pump(sending);
}

static void claim(struct nb_sending *sending)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE};
    struct nb_params *params = nb_params_new();
    struct load load = {0};

    sending->more = false;
    sending->is_full = nb_monotonic_ms() >= sending->full_at;
    sending->full_next &= !sending->is_full;
    sending->is_roomy = has_room(sending);
    sending->rang = false;
    sending->claimed_at = nb_monotonic_ms();
    nb_params_uuid(params, &sending->worker);
    nb_params_int(params, sending->lease_ms);
    add_lanes(sending, params);
    hand_each_place(sending->hand, add_load, &load);
    nb_params_text_array(params, load.channels.data, load.channels.count);
    nb_params_text_array(params, load.endpoints.data, load.endpoints.count);
    nb_params_int_array(params, load.counts.data, load.counts.count);
    nb_params_text(params, nb_senders_public_url(sending->senders));
    nb_vec_clear(&load.channels);
    nb_vec_clear(&load.endpoints);
    nb_vec_clear(&load.counts);
    sending->claiming =
        nb_server_query(sending->claims, NB_SERVER_SQL_DELIVERY_CLAIM, params, &options, claimed, sending);
}

/* Claims where there is something, room for it, and no other claim. A look from the beginning that comes too soon is put off. */
static void pump(struct nb_sending *sending)
{
    int64_t early_ms = sending->full_at - nb_monotonic_ms();

    if (hand_count(sending->hand) == 0 && early_ms > FULL_LOOK_MS) /* nothing else is to be done meanwhile */
        early_ms = FULL_LOOK_MS;
    if (!sending->is_registered || sending->draining || sending->claiming || !sending->more ||
        !(has_room(sending) || (sending->rang && hand_count_of(sending->hand, 0) < hand_max[0])) ||
        nb_connection_state(sending->claims) != NB_CONNECTION_READY)
        return;
    if (sending->full_next && early_ms > 0 && !sending->rang)
        nb_timer_start(sending->alarm, early_ms);
    else if (knows_peers(sending))
        claim(sending);
}

/* ---- the hand ---- */

static void item_answered(void *arg, struct item *item)
{
    struct nb_sending *sending = arg;

    record_item(sending->record, item);
}

static void look_again(struct nb_sending *sending)
{
    sending->more = true;
    sending->is_quiet = false;
}

static bool is_due_again(const struct item *item)
{
    for (size_t i = 0; i < item->flight_count; i++)
        if (item->flights[i].outcome == NB_SEND_RETRY)
            return true;
    return item->end == ITEM_BACK;
}

/* A place with room again may have parked deliveries, which nobody finds but by it. */
static void item_recorded(void *arg, struct item *item)
{
    struct nb_sending *sending = arg;
    int64_t share = share_of(sending, index_of(sending, item->message.channel));
    int64_t left = (int64_t)item->lease->in_hand - 1;

    if (left <= share * 3 / 4 && left >= share / 4)
        look_again(sending);
    if (is_due_again(item)) /* nobody rings for it */
        look_again(sending);
    hand_remove(&item);
    pump(sending);
}

/* ---- bells ---- */

static void cancelled_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_sending *sending = arg;

    sending->cancelling = NULL;
    for (size_t row = 0; !err && row < nb_result_rows(result); row++) {
        struct nb_uuid delivery = nb_result_uuid(result, row, 1);

        hand_cancel(sending->hand, &delivery);
    }
    hand_turn(sending->hand);
}

static void ask_for_cancelled(struct nb_sending *sending)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE};
    struct nb_params *params;

    if (sending->cancelling || hand_count(sending->hand) == 0)
        return;
    params = nb_params_new();
    nb_params_uuid(params, &sending->worker);
    sending->cancelling = nb_server_query(sending->claims, NB_SERVER_SQL_DELIVERY_CANCELLED, params, &options,
                                          cancelled_answered, sending);
}

static void given_back(void *arg, struct nb_result *result, const struct nb_error *err)
{
    (void)arg;
    if (!err && nb_result_int(result, 0, 0) > 0)
        nb_log(NB_LOG_INFO, "sending given_back=%lld reason=%s", (long long)nb_result_int(result, 0, 0),
               nb_log_quote("the worker that had them is gone"));
}

/* Of those that are known to be gone everything is due at once; the others have their leases. */
static void formers_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE};
    struct nb_sending *sending = arg;

    sending->formers = NULL;
    for (size_t row = 0; !err && row < nb_result_rows(result); row++) {
        struct nb_uuid former = nb_result_uuid(result, row, 0);
        struct nb_params *params;

        if (kill((pid_t)nb_result_int(result, row, 1), 0) == 0 || errno != ESRCH)
            continue;
        params = nb_params_new();
        nb_params_uuid(params, &former);
        nb_server_query(sending->claims, NB_SERVER_SQL_DELIVERY_ABANDON, params, &options, given_back, NULL);
    }
    sending->more = sending->full_next = true;
    sending->is_registered = true;
    pump(sending);
}

static void ask_for_formers(struct nb_sending *sending)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .waits_for_connection = true};
    struct nb_params *params = nb_params_new();

    nb_params_uuid(params, &sending->worker);
    sending->formers =
        nb_server_query(sending->claims, NB_SERVER_SQL_WORKER_FORMERS, params, &options, formers_answered, sending);
}

static void channels_told(void *arg, struct nb_result *result, const struct nb_error *err)
{
    (void)arg;
    (void)result;
    if (err)
        nb_log(NB_LOG_ERROR, "sending channels=untold reason=%s", nb_log_quote(err->message));
}

/* What rules, people and templates may name from now on. */
static void tell_channels(struct nb_sending *sending)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    size_t count = nb_senders_count(sending->senders);
    const char **texts = nb_calloc(3 * count + 1, sizeof(*texts));
    struct nb_params *params = nb_params_new();

    for (size_t i = 0; i < count; i++) {
        const struct nb_channel *channel = channel_at(sending, i);

        texts[i] = channel->name;
        texts[count + i] = channel->ops->kind;
        texts[2 * count + i] = nb_channel_needs_address(channel) ? "true" : "false";
    }
    for (size_t column = 0; column < 3; column++)
        nb_params_text_array(params, texts + column * count, count);
    nb_server_query(sending->claims, NB_SERVER_SQL_CHANNELS_REGISTER, params, &options, channels_told, NULL);
    free(texts);
}

void nb_sending_wake(struct nb_sending *sending, const struct nb_uuid *worker)
{
    look_again(sending);
    sending->rang = true;
    if (!sending->is_registered) {
        sending->worker = *worker;
        record_start(sending->record, worker);
        if (!sending->formers) {
            tell_channels(sending);
            ask_for_peers(sending);
            ask_for_formers(sending);
        }
        return;
    }
    ask_for_cancelled(sending);
    pump(sending);
}

static void alarm_rang(void *arg)
{
    struct nb_sending *sending = arg;

    look_again(sending);
    if (hand_count(sending->hand) == 0)
        sending->full_at = 0;
    pump(sending);
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct nb_sending *sending = arg;

    if (state == NB_CONNECTION_WAITING)
        nb_log(NB_LOG_WARN, "sending database=lost reason=%s", nb_log_quote(err->message));
    if (state == NB_CONNECTION_READY)
        nb_timer_start(sending->alarm, 0);
}

/* ---- life ---- */

struct nb_sending *nb_sending_new(struct nb_connection *claims, struct nb_connection *records,
                                  struct nb_senders *senders)
{
    struct nb_sending *sending = nb_calloc(1, sizeof(*sending));

    sending->claims = claims;
    sending->senders = senders;
    sending->hand = hand_new(item_answered, sending);
    sending->record = record_new(records, senders, item_recorded, sending);
    sending->lanes = nb_calloc(nb_senders_count(senders) * LANES, sizeof(*sending->lanes));
    for (size_t i = 0; i < nb_senders_count(senders) * LANES; i++)
        sending->lanes[i].floor = NB_TIME_NONE;
    sending->portions = nb_calloc(nb_senders_count(senders), sizeof(*sending->portions));
    for (size_t i = 0; i < nb_senders_count(senders); i++) {
        set_portion(sending, i, 1);
        if (nb_channel_number(channel_at(sending, i), "time_limit") > sending->patience_ms)
            sending->patience_ms = nb_channel_number(channel_at(sending, i), "time_limit");
    }
    sending->lease_ms = 2 * sending->patience_ms + LEASE_MARGIN_MS;
    sending->alarm = nb_loop_add_timer(nb_connection_loop(claims), alarm_rang, sending);
    sending->observer = (struct nb_connection_observer){.state_changed = state_changed, .arg = sending};
    nb_connection_observe(claims, &sending->observer);
    return sending;
}

void nb_sending_free(struct nb_sending **out)
{
    struct nb_sending *sending = *out;
    struct nb_request **requests[5];

    if (!sending)
        return;
    requests[0] = &sending->claiming;
    requests[1] = &sending->waiting;
    requests[2] = &sending->cancelling;
    requests[3] = &sending->formers;
    requests[4] = &sending->peers;
    for (size_t i = 0; i < NB_ARRAY_SIZE(requests); i++)
        if (*requests[i])
            nb_request_abandon(requests[i]);
    nb_connection_unobserve(sending->claims, &sending->observer);
    nb_timer_remove(&sending->alarm);
    record_free(&sending->record);
    hand_free(&sending->hand);
    free(sending->lanes);
    free(sending->portions);
    nb_free(out);
}

void nb_sending_drain(struct nb_sending *sending)
{
    sending->draining = true;
    hand_give_back(sending->hand);
}

bool nb_sending_is_idle(const struct nb_sending *sending)
{
    return sending->is_registered && hand_count(sending->hand) == 0 && !sending->claiming && !sending->more &&
           sending->is_quiet;
}

bool nb_sending_is_over(const struct nb_sending *sending)
{
    return sending->draining && hand_count(sending->hand) == 0 && !sending->claiming;
}

int64_t nb_sending_patience_ms(const struct nb_sending *sending)
{
    return sending->patience_ms + BEGIN_MARGIN_MS;
}

int64_t nb_sending_recorded(const struct nb_sending *sending)
{
    return record_count(sending->record);
}
