// Sources and raw objects: what data engineers read, and scientists do not.
#include <string.h>
#include <sys/stat.h>

#include "http/download.h"
#include "api/handlers.h"
#include "api/objects.sql.h"
#include "api/page.h"
#include "app/app.h"
#include "source/source.h"

bool
source_index(struct scope *s, const struct request *in, struct reply *out)
{
    static const char *const texts[] = {"paused_at", "newest_day", "fetched_at"};
    const struct rows *r = source_list(s, in->db);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "sources");
    json_array_begin(&w);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(&w);
        json_pair_text(&w, "source", rows_text(r, i, "source"));
        json_pair_text(&w, "kind", rows_text(r, i, "kind"));
        json_put_key(&w, "settings");
        json_put_raw(&w, rows_text(r, i, "settings"));
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            json_pair_text(&w, texts[k],
                           *rows_text(r, i, texts[k]) == '\0' ? NULL : rows_text(r, i, texts[k]));
        json_pair_int(&w, "n_units", rows_int(r, i, "n_units"));
        json_pair_int(&w, "n_failed", rows_int(r, i, "n_failed"));
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

bool
object_list(struct scope *s, const struct request *in, struct reply *out)
{
    struct page page;
    if (!page_read(s, in, &page))
        return false;
    const struct rows *r = DB_QUERY(s, in->db, &sql_object_page, page.before, page.limit);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "objects");
    json_array_begin(&w);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(&w);
        json_pair_text(&w, "sha256", rows_text(r, i, "sha256"));
        json_pair_text(&w, "name", rows_text(r, i, "name"));
        json_pair_int(&w, "size_bytes", rows_int(r, i, "size_bytes"));
        json_pair_text(&w, "received_at", rows_text(r, i, "received_at"));
        json_pair_text(&w, "address",
                       scope_print(s, "/api/v1/objects/%s", rows_text(r, i, "sha256")));
        json_object_end(&w);
    }
    json_array_end(&w);
    page_end(&page, &w, r, "object_id");
    json_object_end(&w);
    return true;
}

bool
object_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct stat status;
    struct download d = {.content_type = "application/octet-stream"};
    const struct rows *r = DB_QUERY(s, in->db, &sql_object_get, in->parts[0]);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "there is no object \"%s\"", in->parts[0]);
    const char *key = rows_text(r, 0, "key"), *base = strrchr(key, '/');
    if (!(store_open_object(s, app_of(in)->store, key, rows_text(r, 0, "sha256"), &d.fd) ||
          app_store_failed(s)))
        return false;
    if (fstat(d.fd, &status) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not read the object's size");
    d.size_bytes = status.st_size;
    d.sha256 = rows_text(r, 0, "sha256");
    d.name = base == NULL ? key : base + 1;
    return download_answer(s, in, &d, out);
}
