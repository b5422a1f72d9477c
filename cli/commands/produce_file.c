/*
 * produce_file.c - notify, announce, raise, settle and publish from NDJSON: every line gets its result, a bad one never stops the
 * others.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"
#include "cli/frame/command.h"
#include "cli/commands/produce.h"

json_t *settle_outcome(const char *text)
{
    const char *id = strchr(text, ' ');
    json_t *object = json_object();

    json_object_set_new(object, "outcome", json_stringn(text, id ? (size_t)(id - text) : strlen(text)));
    if (id)
        json_object_set_new(object, "id", json_integer(strtoll(id + 1, NULL, 10)));
    return object;
}

struct producing {
    struct command_call *call;
    enum nb_produce_kind kind;
    const char *tenant;     /* for lines that name none; NULL: the caller's own */
    NB_VEC(size_t) pending; /* numbers of the lines that wait for their results, in order */
    size_t answered;        /* how many of pending have their result */
    size_t accepted, refused;
    bool only_denied;
    int64_t bytes, total_bytes; /* total_bytes < 0: a pipe, size unknown */
};

static size_t next_line_number(struct producing *producing)
{
    size_t number = producing->pending.data[producing->answered++];
    if (producing->answered == producing->pending.count)
        producing->answered = producing->pending.count = 0;
    return number;
}

static void print_accepted(struct producing *producing, size_t number, const char *id)
{
    struct output *output = producing->call->output;
    if (!output_is_json(output)) {
        if (!output_is_quiet(output))
            output_raw_line(output, "%zu\t%s", number, id);
        return;
    }
    if (producing->kind == NB_PRODUCE_SETTLE) {
        json_t *outcome = settle_outcome(id);
        json_object_set_new(outcome, "line", json_integer((json_int_t)number));
        output_json_take(output, outcome);
        return;
    }
    json_t *value = producing->kind == NB_PRODUCE_RAISE || producing->kind == NB_PRODUCE_PUBLISH
                        ? json_integer(strtoll(id, NULL, 10))
                        : json_string(id);
    output_json_take(output, json_pack("{s:I,s:o}", "line", (json_int_t)number, "id", value));
}

static void print_refused(struct producing *producing, size_t number, const struct nb_error *cause)
{
    struct output *output = producing->call->output;
    if (output_is_json(output)) {
        output_json_take(output, json_pack("{s:I,s:{s:s,s:s,s:s}}", "line", (json_int_t)number, "error", "code",
                                           nb_code_name(cause->code), "message", cause->message, "hint", cause->hint));
        return;
    }
    struct nb_error err = *cause;
    nb_error_set(&err, cause->code, cause->domain, "line %zu: %s", number, cause->message);
    if (cause->hint[0])
        nb_error_hint(&err, "%s", cause->hint);
    if (!output_is_terminal(output))
        output_line(output, "%zu error %s", number, cause->message);
    output_error(output, &err);
}

static void line_result(void *arg, size_t line, const char *id, const struct nb_error *err)
{
    struct producing *producing = arg;
    size_t number = next_line_number(producing);
    (void)line; /* the stream gets no empty lines, so its line numbers differ from ours */
    if (err) {
        producing->refused++;
        producing->only_denied = producing->only_denied && err->code == NB_EDENIED;
        print_refused(producing, number, err);
    } else {
        producing->accepted++;
        print_accepted(producing, number, id);
    }
}

/* Adds --tenant to a line that has no tenant of its own. The rest of the line is kept as text, so that its numbers keep
 * their digits. A line that is no object is left for the stream to refuse. */
static char *with_tenant(const struct producing *producing, const char *line, size_t length)
{
    json_auto_t *object = NULL;
    if (!producing->tenant || nb_json_parse(&object, line, length, NULL) != NB_OK || !json_is_object(object) ||
        json_object_get(object, "tenant"))
        return NULL;
    json_auto_t *tenant = json_string(producing->tenant);
    char *text = json_dumps(tenant, JSON_ENCODE_ANY);
    const char *inside = memchr(line, '{', length);
    char *changed = nb_asprintf("{\"tenant\":%s%s%.*s", text, json_object_size(object) ? "," : "",
                                (int)(length - (size_t)(inside + 1 - line)), inside + 1);
    free(text);
    return changed;
}

static int send_line(struct producing *producing, struct nb_produce_stream *stream, size_t number, const char *line,
                     size_t length, struct nb_error *err)
{
    if (strspn(line, " \t\r") >= length)
        return NB_OK;
    nb_vec_push(&producing->pending, number);
    char *changed = with_tenant(producing, line, length);
    int rc = nb_produce_stream_line(stream, changed ? changed : line, changed ? strlen(changed) : length, err);
    free(changed);
    return rc;
}

/* The file, read in large blocks. */
struct source {
    int fd;
    bool waits; /* a pipe or a terminal: the next line may take long to come */
    size_t at, end;
    char buffer[64 * 1024];
};

/* Reads the next block; 0: end of file. Lines that were read are sent on while it waits for the block. */
static int fill(struct source *source, struct nb_produce_stream *stream, struct nb_error *err)
{
    struct pollfd ready = {.fd = source->fd, .events = POLLIN};
    ssize_t count;
    int rc = NB_OK;
    if (source->waits && poll(&ready, 1, 0) == 0)
        rc = nb_produce_stream_flush(stream, err);
    if (rc < 0)
        return rc;
    do
        count = read(source->fd, source->buffer, sizeof(source->buffer));
    while (count < 0 && errno == EINTR);
    source->at = 0;
    source->end = count > 0 ? (size_t)count : 0;
    return count < 0 ? -errno : (int)source->end;
}

/* Reads to the end of the line, keeping at most the limit and one byte: enough for the stream to refuse a longer one.
 * 1: a line was read; 0: end of file. */
static int read_line(struct producing *producing, struct source *source, struct nb_produce_stream *stream,
                     struct nb_strbuf *line, struct nb_error *err)
{
    bool begun = false;
    nb_strbuf_reset(line);
    for (;;) {
        if (source->at == source->end) {
            struct nb_error cause = {0};
            int rc = fill(source, stream, &cause);
            if (rc < 0 && cause.code < 0 && err)
                *err = cause;
            if (rc < 0)
                return cause.code < 0 ? rc
                                      : nb_error_errno(err, -rc, "reading %s", command_text(producing->call, "file"));
            if (rc == 0)
                return begun;
        }
        const char *from = source->buffer + source->at;
        const char *newline = memchr(from, '\n', source->end - source->at);
        size_t length = newline ? (size_t)(newline - from) : source->end - source->at;
        size_t room = NB_NDJSON_LINE_MAX + 1 - line->length;
        nb_strbuf_append_n(line, from, length < room ? length : room);
        source->at += length + (newline != NULL);
        producing->bytes += (int64_t)(length + (newline != NULL));
        begun = true;
        if (newline)
            return 1;
    }
}

static int send_all(struct producing *producing, struct nb_produce_stream *stream, struct source *source,
                    struct nb_error *err)
{
    struct nb_strbuf line;
    int rc = NB_OK;
    nb_strbuf_init(&line, NB_NDJSON_LINE_MAX + 2);
    for (size_t number = 1; (rc = read_line(producing, source, stream, &line, err)) > 0; number++) {
        rc = send_line(producing, stream, number, line.data, line.length, err);
        if (rc < 0)
            break;
        if (number % 256 == 0 && !output_is_terminal(producing->call->output))
            output_progress(producing->call->output, "bytes", producing->bytes, producing->total_bytes);
    }
    if (rc == NB_OK)
        rc = nb_produce_stream_flush(stream, err);
    output_progress_end(producing->call->output);
    nb_strbuf_clear(&line);
    return rc;
}

static int open_file(struct source *source, int64_t *size, const char *path, struct nb_error *err)
{
    struct stat status;
    source->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    *size = -1;
    if (source->fd < 0) {
        int errnum = errno;
        nb_error_errno(err, errnum, "open %s", path);
        if (errnum == ENOENT && err)
            err->code = NB_ENOTFOUND;
        return nb_error_hint(err, "--file takes the path of a file, or - for standard input");
    }
    source->waits = fstat(source->fd, &status) < 0 || !S_ISREG(status.st_mode);
    if (!source->waits)
        *size = status.st_size;
    return NB_OK;
}

static int summarize(const struct producing *producing, struct nb_error *err)
{
    if (producing->refused == 0)
        return NB_OK;
    int code = producing->accepted == 0 && producing->only_denied ? NB_EDENIED : NB_EFAILED;
    nb_error_set(err, code, NB_DOMAIN_INPUT, "%zu of %zu lines were refused", producing->refused,
                 producing->refused + producing->accepted);
    return nb_error_hint(err, producing->accepted > 0 ? "correct them and send them again; the others are in"
                                                      : "correct them and send them again; none is in");
}

int produce_file(struct command_call *call, struct nb_connection *connection, enum nb_produce_kind kind,
                 struct nb_error *err)
{
    struct producing producing = {.call = call, .kind = kind, .tenant = command_tenant(call), .only_denied = true};
    struct nb_produce_stream *stream = NULL;
    struct source *source = nb_calloc(1, sizeof(*source));
    int rc = NB_OK;
    source->fd = -1;
    if (producing.tenant && !nb_utf8_valid(producing.tenant, strlen(producing.tenant)))
        rc = nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                          "the tenant's id (--tenant, NIGHTBELL_TENANT) is not valid UTF-8");
    if (rc == NB_OK)
        rc = open_file(source, &producing.total_bytes, command_text(call, "file"), err);
    if (rc == NB_OK)
        rc = nb_produce_stream_new(&stream, connection, kind, line_result, &producing, err);
    if (rc == NB_OK)
        rc = send_all(&producing, stream, source, err);
    if (rc == NB_OK)
        rc = summarize(&producing, err);
    nb_produce_stream_free(&stream);
    if (source->fd > STDERR_FILENO)
        close(source->fd);
    free(source);
    nb_vec_clear(&producing.pending);
    return rc;
}
