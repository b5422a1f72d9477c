/*
 * program.h - what a program that sends is given: its arguments, and its standard input.
 */
#ifndef NB_CHANNELS_PROGRAM_H
#define NB_CHANNELS_PROGRAM_H

#include "base/strbuf.h"
#include "channels/mail.h"
#include "channels/sender.h"

/* The delivery as one JSON object and a line's end: docs/delivery.md describes its members. */
void program_write_json(struct nb_strbuf *out, const struct nb_message *message);

/* Arguments in which {subject}, {address} and the like stand for what the message says; {recipients} and {return_path} are of
 * a mail. NULL-terminated; free each and the array. NB_EINVALID: what would stand there would be taken for an option. */
NB_MUSTCHECK int program_arguments(char ***out, const char *const *command, const struct nb_message *message,
                                   const struct nb_mail *mail, struct nb_error *err);
void program_arguments_free(char ***arguments);
/* The first {word} of a command that stands for nothing; NULL: none. The caller frees it. with_mail: whether there is one. */
char *program_unknown_word(const char *const *command, bool with_mail);

#endif
