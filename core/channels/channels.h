/*
 * channels.h - the senders of a process: one for each channel that channels.conf names.
 *
 *     nb_channels_read(&channels, NULL, NULL, NULL, &err);
 *     nb_senders_new(&senders, loop, channels, &err);
 *     sender = nb_senders_find(senders, "email");
 *     nb_sender_send(&send, sender, &message, answered, arg, &err);
 *         answered(arg, answer) is called once, from the loop, unless
 *     nb_send_cancel(&send);
 */
#ifndef NB_CHANNELS_CHANNELS_H
#define NB_CHANNELS_CHANNELS_H

#include "channels/sender.h"

struct nb_sender;

/* channels outlives the senders. Reads secrets, connects to nothing. */
NB_MUSTCHECK int nb_senders_new(struct nb_senders **out, struct nb_loop *loop, const struct nb_channels *channels,
                                struct nb_error *err);
/* What is under way must be cancelled before. */
void nb_senders_free(struct nb_senders **senders);

size_t nb_senders_count(const struct nb_senders *senders);
struct nb_sender *nb_senders_at(const struct nb_senders *senders, size_t i);
/* NULL: this process does not send by that channel. */
struct nb_sender *nb_senders_find(const struct nb_senders *senders, const char *channel);

const struct nb_channel *nb_sender_channel(const struct nb_sender *sender);
/* As for struct nb_sender_ops. */
NB_MUSTCHECK int nb_sender_send(struct nb_send **out, struct nb_sender *sender, const struct nb_message *message,
                                nb_send_done *done, void *arg, struct nb_error *err);
void nb_send_cancel(struct nb_send **send);
/* Never NULL: the channel's name where the kind knows nothing finer. */
const char *nb_sender_endpoint(struct nb_sender *sender, const struct nb_message *message);
NB_MUSTCHECK int nb_sender_check_address(struct nb_sender *sender, const char *address, struct nb_error *err);

/* ---- what senders share ---- */

struct nb_loop *nb_senders_loop(const struct nb_senders *senders);
struct nb_transfers *nb_senders_transfers(const struct nb_senders *senders);
const struct nb_guard *nb_senders_guard(const struct nb_senders *senders);
/* Of [network]: where this installation is reached from outside, without a slash at its end; NULL: it does not say. */
const char *nb_senders_public_url(const struct nb_senders *senders);

#endif
