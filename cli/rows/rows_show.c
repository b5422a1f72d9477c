/*
 * rows_show.c - what the kinds of rows share: times in a list, and the fields of one row in full.
 */
#include "cli/rows/rows_kind.h"

/* The age for people, the time for a pipe. */
const char *rows_when(const struct output *output, int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    return output_is_terminal(output) ? nb_time_format_age(time, now, text) : nb_time_format_rfc3339(time, text);
}

void rows_show_text(struct output *output, const char *label, const char *text)
{
    if (text && *text)
        output_line(output, "%-13s %s", label, text);
}

void rows_show_time(struct output *output, const char *label, int64_t time)
{
    char text[NB_TIME_TEXT_SIZE];
    if (time != NB_TIME_NONE)
        output_line(output, "%-13s %s", label, nb_time_format_local(time, text));
}

void rows_show_act(struct output *output, const char *label, int64_t time, const char *name)
{
    char text[NB_TIME_TEXT_SIZE];
    if (time != NB_TIME_NONE)
        output_line(output, "%-13s %s by %s", label, nb_time_format_local(time, text), name ? name : "the system");
}

void rows_show_block(struct output *output, const char *text)
{
    if (text && *text) {
        output_line(output, "%s", "");
        output_block(output, text);
    }
}
