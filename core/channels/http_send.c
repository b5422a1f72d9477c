/*
 * http_send.c - one HTTP request as a send, and the common meaning of its answer.
 */
#include "channels/http_send.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct http_send {
    struct nb_send send;
    struct nb_transfer *transfer;
    void *sender;
    nb_http_judge_more *judge;
    nb_send_done *done;
    void *arg;
};

/* ---- what an answer means ---- */

void nb_http_sentence(struct nb_strbuf *out, const char *text, size_t length)
{
    char *copy = nb_strndup(text, length);
    char sentence[NB_HTTP_ERROR_MAX];
    size_t kept = 0;

    for (size_t i = 0; copy[i]; i++) {
        char c = (unsigned char)copy[i] < ' ' || copy[i] == 0x7f ? ' ' : copy[i];

        if (c != ' ' || (kept > 0 && copy[kept - 1] != ' '))
            copy[kept++] = c;
    }
    copy[kept] = '\0';
    nb_utf8_mend(copy);
    nb_text_copy(sentence, sizeof(sentence), copy);
    nb_strbuf_append(out, sentence);
    free(copy);
}

static enum nb_send_outcome outcome_of(int status)
{
    if (status >= 200 && status < 300)
        return NB_SEND_SENT;
    if (status == 408 || status == 425 || status == 429 || status >= 500)
        return NB_SEND_RETRY;
    return NB_SEND_FAILED;
}

void nb_http_judge(const struct nb_transfer_answer *answer, struct nb_send_answer *out, struct nb_strbuf *error)
{
    *out = (struct nb_send_answer){.code = answer->status, .retry_after_ms = answer->retry_after_ms};
    if (answer->status) {
        out->outcome = outcome_of(answer->status);
        nb_strbuf_appendf(error, "HTTP %d", answer->status);
        if (answer->status >= 300 && answer->status < 400)
            nb_strbuf_append(error, ": redirects are not followed");
        else if (answer->body_length > 0)
            nb_strbuf_append(error, ": ");
        if (answer->status >= 400 || answer->status < 200)
            nb_http_sentence(error, answer->body, answer->body_length);
    } else {
        bool hopeless = answer->end == NB_TRANSFER_FORBIDDEN || answer->end == NB_TRANSFER_IMPOSSIBLE;

        out->outcome = hopeless ? NB_SEND_FAILED : NB_SEND_RETRY;
        nb_http_sentence(error, answer->error ? answer->error : "no answer", SIZE_MAX);
    }
    out->provider_fault = out->outcome == NB_SEND_RETRY;
    out->error = out->outcome == NB_SEND_SENT ? NULL : error->data;
}

/* ---- the send ---- */

static void answered(void *arg, const struct nb_transfer_answer *answer)
{
    struct http_send *send = arg;
    struct nb_send_answer out;
    struct nb_strbuf error, text;

    nb_strbuf_init(&error, 4096);
    nb_strbuf_init(&text, 4096);
    nb_http_judge(answer, &out, &error);
    if (send->judge)
        send->judge(send->sender, answer, &out, &text);
    send->done(send->arg, &out);
    nb_strbuf_clear(&error);
    nb_strbuf_clear(&text);
    free(send);
}

int nb_http_send(struct nb_send **out, const struct nb_http_request *request, nb_send_done *done, void *arg,
                 struct nb_error *err)
{
    struct http_send *send = nb_calloc(1, sizeof(*send));
    int rc;

    *out = NULL;
    *send = (struct http_send){
        .send.ops = request->ops, .sender = request->sender, .judge = request->judge, .done = done, .arg = arg};
    rc = nb_transfer_start(&send->transfer, request->transfers, request->transfer, answered, send, err);
    if (rc < 0)
        free(send);
    else
        *out = &send->send;
    return rc;
}

void nb_http_cancel(struct nb_send **out)
{
    struct http_send *send = (struct http_send *)*out;

    *out = NULL;
    if (!send)
        return;
    nb_transfer_cancel(&send->transfer);
    free(send);
}

/* ---- addresses and forms ---- */

static int read_origin(CURLU *handle, const char *url, struct nb_strbuf *out)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    int rc = NB_EINVALID;

    if (curl_url_set(handle, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] &&
        (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)) {
        for (char *c = host; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        nb_strbuf_appendf(out, "%s://%s", scheme, host);
        if (curl_url_get(handle, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT) == CURLUE_OK)
            nb_strbuf_appendf(out, ":%s", port);
        rc = 0;
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return rc;
}

int nb_http_origin(struct nb_strbuf *out, const char *url, struct nb_error *err)
{
    CURLU *handle = curl_url();
    int rc;

    if (!handle)
        nb_fatal("libcurl: no URL handle");
    rc = read_origin(handle, url, out);
    curl_url_cleanup(handle);
    if (rc < 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "expected a URL with http:// or https://, and without a name and password in it");
    return 0;
}

int nb_http_check_url(const char *url, size_t limit, struct nb_error *err)
{
    struct nb_strbuf origin;
    size_t length = strlen(url);
    int rc;

    if (length > limit)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the URL is longer than %zu bytes", limit);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)url[i] <= ' ' || url[i] == 0x7f)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the URL has a blank or a control character in it");
    nb_strbuf_init(&origin, limit + 16);
    rc = nb_http_origin(&origin, url, err);
    nb_strbuf_clear(&origin);
    return rc;
}

void nb_http_append_field(struct nb_strbuf *form, const char *name, const char *value)
{
    nb_strbuf_appendf(form, "%s%s=", form->length > 0 ? "&" : "", name);
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;

        if (isalnum(c) || strchr("-._~", c))
            nb_strbuf_append_char(form, (char)c);
        else
            nb_strbuf_appendf(form, "%%%02X", c);
    }
}
