#include "api/handlers.h"
#include "api/page.h"
#include "quality/history.h"

bool
quality_list(struct scope *s, const struct request *in, struct reply *out)
{
    const char *subject;
    struct page page;
    if (!page_read(s, in, &page) || !request_query(s, in, "subject", &subject))
        return false;
    const struct rows *r = history_find(s, in->db, subject, page.before, page.limit);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "runs");
    history_list(r, &w);
    page_end(&page, &w, r, "quality_id");
    json_object_end(&w);
    return true;
}

bool
quality_get(struct scope *s, const struct request *in, struct reply *out)
{
    int64_t id;
    if (!page_number(s, "quality run", in->parts[0], &id))
        return false;
    struct json_writer w = reply_json(out);
    return history_show(s, in->db, id, &w);
}
