/* json.c - fuzzes an incoming line of NDJSON: it is refused with a reason, or within the limits. */
#include "produce/check.h"
#include "base/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum nb_produce_kind kinds[] = {NB_PRODUCE_NOTIFY, NB_PRODUCE_ANNOUNCE, NB_PRODUCE_RAISE};
    struct nb_error err = {0};
    json_t *item = NULL;

    if (nb_json_parse(&item, (const char *)data, size, &err) != 0) {
        PROMISE(!item && err.message[0]);
        return 0;
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(kinds); i++) {
        if (produce_check_item(kinds[i], item, &err) != 0)
            PROMISE(err.message[0]);
        else
            PROMISE(json_is_object(item));
    }
    json_decref(item);
    return 0;
}
