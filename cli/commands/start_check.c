/*
 * start_check.c - `nightbell --check-config` and `--sample-config`.
 */
#include "base/strbuf.h"
#include "cli/frame/output.h"
#include "cli/frame/start.h"
#include "tui/config/settings.h"

#define CHECK_TEXT_LIMIT (1024 * 1024)

void start_sample(struct output *output)
{
    struct nb_strbuf sample;

    nb_strbuf_init(&sample, CHECK_TEXT_LIMIT);
    settings_sample(&sample);
    output_block(output, sample.data);
    nb_strbuf_clear(&sample);
}

int start_check(struct output *output, struct nb_error *err)
{
    struct nb_strbuf problems;
    nb_strbuf_init(&problems, CHECK_TEXT_LIMIT);
    size_t count = settings_check(&problems);
    if (count > 0)
        output_block(output, problems.data);
    else
        output_note(output, "configuration, keymaps and themes are fine");
    nb_strbuf_clear(&problems);
    if (count == 0)
        return NB_OK;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_CONFIG, "%zu problem%s in the console's files", count,
                 count == 1 ? "" : "s");
    return nb_error_hint(err, "correct the lines above; the console starts without them meanwhile");
}
