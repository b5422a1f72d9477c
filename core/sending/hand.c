/*
 * hand.c - items, their sends, and the places that these wait for.
 *
 * A place has so many sends under way as this worker's part of its channel's in_flight says, and a quarter more that are critical. Retries have at most half
 * of them, and where some wait, first tries leave them a quarter: so neither keeps the other, and nothing a page, from going.
 */
#include "sending/hand.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define BUCKETS       1024 /* a power of two */
#define UNDER_WAY_MAX 500  /* of a worker: each may need a socket */
#define NOT_BEGUN_MS  INT64_C(5000)

struct hand {
    hand_done *done;
    void *arg;
    struct item *items;
    size_t count, of_lane[LANES];
    size_t under_way;
    struct place *buckets[BUCKETS];
    NB_VEC(struct place *) busy; /* where something waits */
};

struct hand *hand_new(hand_done *done, void *arg)
{
    struct hand *hand = nb_calloc(1, sizeof(*hand));

    hand->done = done;
    hand->arg = arg;
    return hand;
}

/* ---- places ---- */

static struct place **bucket_of(struct hand *hand, const char *channel, const char *endpoint)
{
    uint64_t value = 14695981039346656037u;

    for (const char *at = channel; *at; at++)
        value = (value ^ (unsigned char)*at) * 1099511628211u;
    for (const char *at = endpoint; *at; at++)
        value = (value ^ (unsigned char)*at) * 1099511628211u;
    return &hand->buckets[(value ^ value >> 32) & (BUCKETS - 1)];
}

static struct place *find_place(struct place **bucket, const char *channel, const char *endpoint)
{
    struct place *place = *bucket;

    while (place && (strcmp(place->channel, channel) != 0 || strcmp(place->endpoint, endpoint) != 0))
        place = place->next;
    return place;
}

struct place *hand_place(struct hand *hand, const char *channel, const char *endpoint)
{
    struct place **bucket = bucket_of(hand, channel, endpoint), *place = find_place(bucket, channel, endpoint);

    if (!place) {
        place = nb_calloc(1, sizeof(*place));
        place->channel = nb_strdup(channel);
        place->endpoint = nb_strdup(endpoint);
        place->next = *bucket;
        *bucket = place;
    }
    return place;
}

static bool is_waited_for(const struct place *place)
{
    for (int lane = 0; lane < LANES; lane++)
        if (place->waiting[lane].first)
            return true;
    return false;
}

static void free_place(struct place **at)
{
    struct place *place = *at;

    *at = place->next;
    free(place->channel);
    free(place->endpoint);
    free(place);
}

/* A place that nothing is for any more is forgotten: webhooks have many. */
static void forget(struct hand *hand, struct place *place)
{
    struct place **at = bucket_of(hand, place->channel, place->endpoint);

    if (place->in_hand > 0 || place->named > 0 || place->under_way > 0 || place->is_busy || is_waited_for(place))
        return;
    while (*at != place)
        at = &(*at)->next;
    free_place(at);
}

void hand_each_place(const struct hand *hand, hand_visit *visit, void *arg)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct place *place = hand->buckets[i]; place; place = place->next)
            visit(arg, place);
}

/* ---- waiting ---- */

static void wait_at(struct hand *hand, struct flight *flight)
{
    struct place *place = flight->place;
    int lane = flight->item->lane;

    flight->next = NULL;
    if (place->waiting[lane].last)
        place->waiting[lane].last->next = flight;
    else
        place->waiting[lane].first = flight;
    place->waiting[lane].last = flight;
    if (!place->is_busy)
        nb_vec_push(&hand->busy, place);
    place->is_busy = true;
}

static struct flight *take_first(struct place *place, int lane)
{
    struct flight *flight = place->waiting[lane].first;

    if (flight && !(place->waiting[lane].first = flight->next))
        place->waiting[lane].last = NULL;
    return flight;
}

static void leave(struct flight *flight)
{
    struct place *place = flight->place;
    int lane = flight->item->lane;
    struct flight **at = &place->waiting[lane].first, *before = NULL;

    while (*at && *at != flight) {
        before = *at;
        at = &(*at)->next;
    }
    if (!*at)
        return;
    *at = flight->next;
    if (place->waiting[lane].last == flight)
        place->waiting[lane].last = before;
}

/* ---- answers ---- */

static void turn_place(struct hand *hand, struct place *place);

static void item_done(struct item *item)
{
    item->hand->done(item->hand->arg, item);
}

static void answer_flight(struct flight *flight)
{
    flight->answered = true;
    if (--flight->item->open == 0)
        item_done(flight->item);
}

static void end_send(struct flight *flight)
{
    struct place *place = flight->place;

    flight->send = NULL;
    place->under_way--;
    place->of_lane[flight->item->lane]--;
    flight->item->hand->under_way--;
}

static void answered(void *arg, const struct nb_send_answer *answer)
{
    struct flight *flight = arg;
    struct item *item = flight->item;
    struct hand *hand = item->hand;
    bool was_full = hand->under_way >= UNDER_WAY_MAX;

    end_send(flight);
    flight->outcome = answer->outcome;
    flight->code = answer->code;
    flight->error = answer->outcome == NB_SEND_SENT ? NULL : nb_arena_strdup(item->arena, answer->error);
    flight->message_id = nb_arena_strdup(item->arena, answer->message_id);
    flight->retry_after_ms = answer->retry_after_ms;
    flight->address_ended = answer->address_ended;
    flight->provider_fault = answer->provider_fault;
    flight->latency_ms = nb_monotonic_ms() - flight->began_ms;
    answer_flight(flight);
    if (was_full)
        hand_turn(hand);
    else
        turn_place(hand, flight->place);
}

/* ---- beginning ---- */

static size_t at_least_one(size_t number)
{
    return number > 0 ? number : 1;
}

static bool may_begin(const struct hand *hand, const struct place *place, int lane, size_t most)
{
    size_t bulk = place->of_lane[1] + place->of_lane[2];

    if (lane == 0)
        return place->under_way < most + at_least_one(most / 4) && hand->under_way < UNDER_WAY_MAX + UNDER_WAY_MAX / 4;
    if (bulk >= most || hand->under_way >= UNDER_WAY_MAX)
        return false;
    if (lane == 2)
        return place->of_lane[2] < at_least_one(most / 2);
    return !place->waiting[2].first || place->of_lane[1] < at_least_one(most - most / 4);
}

static bool is_begun(const struct item *item)
{
    for (size_t i = 0; i < item->flight_count; i++)
        if (item->flights[i].send)
            return true;
    return item->open < item->flight_count;
}

/* Fails where nothing could be begun here, which says nothing of the message: it is given back, and tried again soon. */
static void begin(struct hand *hand, struct flight *flight)
{
    struct item *item = flight->item;
    struct nb_error err;

    if (nb_monotonic_ms() > item->until_ms && !is_begun(item)) {
        item->end = ITEM_BACK;
        item->open = 0;
        for (size_t i = 0; i < item->flight_count; i++)
            leave(&item->flights[i]);
        item_done(item);
        return;
    }
    item->message.target = flight->target;
    flight->began_ms = nb_monotonic_ms();
    flight->place->under_way++;
    flight->place->of_lane[item->lane]++;
    hand->under_way++;
    if (nb_sender_send(&flight->send, item->sender, &item->message, answered, flight, &err) == NB_OK)
        return;
    nb_log(NB_LOG_WARN, "sending channel=%s begun=no reason=%s", item->message.channel, nb_log_quote(err.message));
    end_send(flight);
    flight->outcome = NB_SEND_RETRY;
    flight->error = nb_arena_strdup(item->arena, err.message);
    flight->retry_after_ms = NOT_BEGUN_MS;
    answer_flight(flight);
}

static void turn_place(struct hand *hand, struct place *place)
{
    for (int lane = 0; lane < LANES; lane++) {
        while (place->waiting[lane].first) {
            if (!may_begin(hand, place, lane, (size_t)*place->waiting[lane].first->item->most))
                break;
            begin(hand, take_first(place, lane));
        }
    }
}

void hand_turn(struct hand *hand)
{
    for (size_t i = 0; i < hand->busy.count;) {
        struct place *place = hand->busy.data[i];

        turn_place(hand, place);
        if (is_waited_for(place)) {
            i++;
        } else {
            nb_vec_remove(&hand->busy, i);
            place->is_busy = false;
            forget(hand, place);
        }
    }
}

/* ---- items ---- */

void hand_add_answered(struct hand *hand, struct item *item)
{
    item->hand = hand;
    item->next = hand->items;
    item->link = &hand->items;
    if (hand->items)
        hand->items->link = &item->next;
    hand->items = item;
    item->lease->in_hand++;
    hand->count++;
    hand->of_lane[item->lane]++;
}

void hand_add(struct hand *hand, struct item *item)
{
    hand_add_answered(hand, item);
    item->open = item->flight_count;
    for (size_t i = 0; i < item->flight_count; i++) {
        struct flight *flight = &item->flights[i];

        flight->item = item;
        flight->retry_after_ms = -1;
        item->message.target = flight->target;
        flight->place = hand_place(hand, item->message.channel, nb_sender_endpoint(item->sender, &item->message));
        flight->place->named++;
        wait_at(hand, flight);
    }
}

void hand_remove(struct item **out)
{
    struct item *item = *out;
    struct hand *hand = item->hand;

    *item->link = item->next;
    if (item->next)
        item->next->link = item->link;
    hand->count--;
    hand->of_lane[item->lane]--;
    for (size_t i = 0; i < item->flight_count; i++) {
        struct place *place = item->flights[i].place;

        if (place && --place->named == 0)
            forget(hand, place);
    }
    item->lease->in_hand--;
    forget(hand, item->lease);
    nb_arena_free(&item->arena);
    nb_free(out);
}

static void stop_flights(struct item *item)
{
    for (size_t i = 0; i < item->flight_count; i++) {
        struct flight *flight = &item->flights[i];

        if (flight->answered)
            continue;
        if (flight->send) {
            nb_send_cancel(&flight->send);
            flight->latency_ms = nb_monotonic_ms() - flight->began_ms;
            end_send(flight);
        } else {
            leave(flight);
        }
        flight->answered = flight->cancelled = true;
        flight->outcome = NB_SEND_FAILED;
    }
    item->open = 0;
}

void hand_cancel(struct hand *hand, const struct nb_uuid *delivery)
{
    for (struct item *item = hand->items; item; item = item->next) {
        if (item->open == 0 || memcmp(&item->message.delivery, delivery, sizeof(*delivery)) != 0)
            continue;
        stop_flights(item);
        item->end = ITEM_CANCELLED;
        item_done(item);
        return;
    }
}

void hand_give_back(struct hand *hand)
{
    for (struct item *item = hand->items, *next; item; item = next) {
        next = item->next;
        if (item->open == 0 || is_begun(item))
            continue;
        for (size_t i = 0; i < item->flight_count; i++)
            leave(&item->flights[i]);
        item->open = 0;
        item->end = ITEM_BACK;
        item_done(item);
    }
}

size_t hand_count(const struct hand *hand)
{
    return hand->count;
}

size_t hand_count_of(const struct hand *hand, int lane)
{
    return hand->of_lane[lane];
}

size_t hand_count_at(struct hand *hand, const char *channel, const char *endpoint)
{
    const struct place *place = find_place(bucket_of(hand, channel, endpoint), channel, endpoint);

    return place ? place->in_hand : 0;
}

void hand_free(struct hand **out)
{
    struct hand *hand = *out;

    if (!hand)
        return;
    while (hand->items) {
        struct item *item = hand->items;

        stop_flights(item);
        hand_remove(&item);
    }
    for (size_t i = 0; i < BUCKETS; i++) /* those that were to be looked at once more */
        while (hand->buckets[i])
            free_place(&hand->buckets[i]);
    nb_vec_clear(&hand->busy);
    nb_free(out);
}
