/*
 * page_chain.c - the queries of page.c as steps of a chain.
 */
#include "page/page_chain.h"

#include "page/page_internal.h"

static size_t add(struct nb_chain *chain, enum nb_subject subject, enum nb_sql query, const struct nb_filter *filter,
                  const struct nb_ranks *ranks, struct nb_params *params_take)
{
    struct nb_strbuf text;
    size_t step;

    page_compose(&text, params_take, subject, query, filter, ranks);
    step = nb_chain_add_text(chain, text.data, params_take);
    nb_strbuf_clear(&text);
    return step;
}

static int take(struct nb_page **out, struct nb_chain *chain, size_t step, enum nb_subject subject,
                enum nb_direction direction, size_t limit, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_chain_result(chain, step, &result, err);

    /* nobody keeps its look beyond this chain, so the session's number does not matter */
    *out = rc < 0 ? NULL : page_decode(result, subject, direction, limit, 0);
    nb_result_free(&result);
    return rc;
}

size_t nb_page_add_fetch(struct nb_chain *chain, const struct nb_page_request *request)
{
    const struct nb_subject_info *subject = nb_subject_info(request->subject);
    struct nb_ranks ranks;
    struct nb_params *params = page_params(request, &ranks);

    return add(chain, request->subject, request->direction == NB_OLDER ? subject->older : subject->newer,
               request->filter, &ranks, params);
}

int nb_page_take(struct nb_page **out, struct nb_chain *chain, size_t step, const struct nb_page_request *request,
                 struct nb_error *err)
{
    return take(out, chain, step, request->subject, request->direction, request->limit, err);
}

size_t nb_page_add_keys(struct nb_chain *chain, enum nb_subject subject, const struct nb_key *keys, size_t count)
{
    return nb_chain_add(chain, nb_subject_info(subject)->keys, page_key_params(subject, keys, count));
}

int nb_page_take_keys(struct nb_page **out, struct nb_chain *chain, size_t step, enum nb_subject subject,
                      struct nb_error *err)
{
    return take(out, chain, step, subject, NB_OLDER, 0, err);
}

size_t nb_page_add_filtered(struct nb_chain *chain, enum nb_subject subject, enum nb_sql query,
                            const struct nb_filter *filter, struct nb_params *params_take)
{
    return add(chain, subject, query, filter, NULL, params_take ? params_take : nb_params_new());
}

size_t nb_page_add_count(struct nb_chain *chain, enum nb_subject subject, const struct nb_filter *filter)
{
    return nb_page_add_filtered(chain, subject, nb_subject_info(subject)->count, filter, NULL);
}

int nb_page_take_count(int64_t *out, struct nb_chain *chain, size_t step, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_chain_result(chain, step, &result, err);

    *out = rc < 0 ? 0 : nb_result_int(result, 0, 0);
    nb_result_free(&result);
    return rc;
}
