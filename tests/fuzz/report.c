/* report.c - fuzzes a mail that came back: it is refused with a reason, or gives receipts within their bounds. */
#include "receipts/report.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nb_error err = {0};
    json_t *receipts, *receipt;
    size_t i;

    if (nb_report_read(&receipts, (const char *)data, size, &err) != 0) {
        PROMISE(!receipts && err.message[0] && err.code == NB_ENOTFOUND);
        return 0;
    }
    PROMISE(json_array_size(receipts) >= 1 && json_array_size(receipts) <= 100);
    json_array_foreach(receipts, i, receipt)
    {
        const char *detail = json_string_value(json_object_get(receipt, "detail"));

        PROMISE(json_string_length(json_object_get(receipt, "delivery")) == 36);
        PROMISE(json_string_value(json_object_get(receipt, "status")));
        PROMISE(!detail || (strlen(detail) <= 1000 && !strpbrk(detail, "\r\n\033")));
        PROMISE(json_array_size(json_object_get(receipt, "recipients")) <= 2);
    }
    json_decref(receipts);
    return 0;
}
