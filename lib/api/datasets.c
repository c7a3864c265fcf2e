#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/datasets.sql.h"
#include "http/download.h"
#include "api/handlers.h"
#include "api/page.h"
#include "app/app.h"

#define SITES_BYTES 4000 // of ?site=A,B,…
#define SITES_MOST 1000

static void
text_pair(struct json_writer *w, const struct rows *r, size_t i, const char *name)
{
    json_pair_text(w, name, rows_is_null(r, i, name) ? NULL : rows_text(r, i, name));
}

static void
json_pair(struct json_writer *w, const struct rows *r, const char *name)
{
    json_put_key(w, name);
    json_put_raw(w, rows_is_null(r, 0, name) ? "null" : rows_text(r, 0, name));
}

static void
dataset_write(struct json_writer *w, const struct rows *r, size_t i)
{
    json_pair_int(w, "dataset_id", rows_int(r, i, "dataset_id"));
    text_pair(w, r, i, "model");
    json_pair_text(w, "table",
                   rows_is_null(r, i, "table_name") ? NULL : rows_text(r, i, "table_name"));
    text_pair(w, r, i, "as_of");
    text_pair(w, r, i, "sha256");
    json_pair_int(w, "n_rows", rows_int(r, i, "n_rows"));
    json_pair_int(w, "n_sites", rows_int(r, i, "n_sites"));
    text_pair(w, r, i, "first_day");
    text_pair(w, r, i, "last_day");
    if (!rows_is_null(r, i, "size_bytes"))
        json_pair_int(w, "size_bytes", rows_int(r, i, "size_bytes"));
    text_pair(w, r, i, "made_at");
}

bool
dataset_list(struct scope *s, const struct request *in, struct reply *out)
{
    const char *model, *table;
    struct page page;
    if (!page_read(s, in, &page) || !request_query(s, in, "model", &model) ||
        !request_query(s, in, "table", &table))
        return false;
    const struct rows *r =
        DB_QUERY(s, in->db, &sql_dataset_page, page.before, model, table, page.limit);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "datasets");
    json_array_begin(&w);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(&w);
        dataset_write(&w, r, i);
        json_pair_text(&w, "address",
                       scope_print(s, "/api/v1/datasets/%s", rows_text(r, i, "dataset_id")));
        json_object_end(&w);
    }
    json_array_end(&w);
    page_end(&page, &w, r, "dataset_id");
    json_object_end(&w);
    return true;
}

// Finds the dataset version that the address names.
static const struct rows *
dataset_find(struct scope *s, const struct request *in)
{
    int64_t id;
    if (!page_number(s, "dataset", in->parts[0], &id))
        return NULL;
    const struct rows *r = DB_QUERY(s, in->db, &sql_dataset_get, db_int(s, id));
    if (r != NULL && rows_count(r) == 0)
        return fail_null(s, ERROR_MISSING, "there is no dataset %lld", (long long)id);
    return r;
}

// Raw objects are named to those only who may read them.
static bool
lineage_write(struct scope *s, const struct request *in, struct json_writer *w,
              const struct rows *dataset)
{
    json_put_key(w, "lineage");
    json_object_begin(w);
    json_pair_int(w, "n_objects", rows_int(dataset, 0, "n_objects"));
    if ((in->roles & ROLE_ENGINEER) != 0) {
        const struct rows *r =
            DB_QUERY(s, in->db, &sql_dataset_objects, rows_text(dataset, 0, "dataset_id"));
        if (r == NULL)
            return false;
        json_put_key(w, "objects");
        json_array_begin(w);
        for (size_t i = 0; i < rows_count(r); i++) {
            json_object_begin(w);
            text_pair(w, r, i, "sha256");
            text_pair(w, r, i, "name");
            json_pair_int(w, "size_bytes", rows_int(r, i, "size_bytes"));
            text_pair(w, r, i, "received_at");
            json_object_end(w);
        }
        json_array_end(w);
    }
    json_object_end(w);
    return true;
}

bool
dataset_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct rows *r = dataset_find(s, in);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    dataset_write(&w, r, 0);
    text_pair(&w, r, 0, "recipe_sha256");
    json_pair(&w, r, "recipe");
    json_pair(&w, r, "columns");
    json_pair(&w, r, "sites");
    if (!lineage_write(s, in, &w, r))
        return false;
    json_pair_text(&w, "data",
                   scope_print(s, "/api/v1/datasets/%s/data.csv", rows_text(r, 0, "dataset_id")));
    json_object_end(&w);
    return true;
}

// Splits "A,B" and asks the database whether the dataset has them all.
static bool
sites_read(struct scope *s, const struct request *in, const char *dataset_id, const char *list,
           struct download_filter *filter)
{
    const char **sites = scope_array(s, SITES_MOST, sizeof *sites);
    struct buf array = buf_open(s, 64);
    buf_char(&array, '{');
    for (char *at = scope_copy(s, list), *next; at != NULL; at = next) {
        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        if (filter->n_sites == SITES_MOST)
            return fail(s, ERROR_LIMIT, "site names more than %d sites", SITES_MOST);
        if (*at == '\0' || strpbrk(at, "\"\\") != NULL)
            return fail(s, ERROR_INPUT, "site \"%.60s\" is not a site's code", at);
        sites[filter->n_sites++] = at;
        buf_print(&array, "%s\"%s\"", array.n == 1 ? "" : ",", at);
    }
    buf_char(&array, '}');
    filter->sites = sites;
    const struct rows *r = DB_QUERY(s, in->db, &sql_dataset_stranger, dataset_id, array.text);
    if (r == NULL)
        return false;
    return rows_count(r) == 0 || fail(s, ERROR_MISSING, "dataset %s has no site \"%.60s\"",
                                      dataset_id, rows_text(r, 0, "site"));
}

static bool
day_query(struct scope *s, const struct request *in, const char *name, struct day *out,
          bool *is_given)
{
    const char *text;
    if (!request_query(s, in, name, &text))
        return false;
    if (text == NULL)
        return true;
    *is_given = true;
    return day_parse(s, text, out) || explain(s, "query value \"%s\"", name);
}

// What of the dataset is wanted; `*is_given` is false when all of it is.
static bool
filter_read(struct scope *s, const struct request *in, const struct rows *dataset,
            struct download_filter *out, bool *is_given)
{
    const char *sites;
    *out = (struct download_filter){.from = {INT32_MIN}, .to = {INT32_MAX}};
    *is_given = false;
    if (!day_query(s, in, "from", &out->from, is_given) ||
        !day_query(s, in, "to", &out->to, is_given) ||
        !request_query_long(s, in, "site", SITES_BYTES, &sites))
        return false;
    *is_given = *is_given || sites != NULL;
    if (*is_given && !rows_is_null(dataset, 0, "table_name"))
        return fail(s, ERROR_INPUT, "a dataset of table \"%s\" has neither sites nor days",
                    rows_text(dataset, 0, "table_name"));
    if (out->from.n > out->to.n)
        return fail(s, ERROR_INPUT, "from is later than to");
    return sites == NULL || sites_read(s, in, rows_text(dataset, 0, "dataset_id"), sites, out);
}

static bool
data_answer(struct scope *s, const struct request *in, struct reply *out, bool is_packed)
{
    struct download_filter filter;
    struct stat status;
    bool is_filtered;
    struct download d = {.is_packed = is_packed, .content_type = "text/csv"};
    const struct rows *r = dataset_find(s, in);
    if (r == NULL || !filter_read(s, in, r, &filter, &is_filtered) ||
        !(store_open_object(s, app_of(in)->store, rows_text(r, 0, "key"), rows_text(r, 0, "sha256"),
                            &d.fd) ||
          app_store_failed(s)))
        return false;
    if (fstat(d.fd, &status) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not read the object's size");
    d.size_bytes = status.st_size;
    d.sha256 = rows_text(r, 0, "sha256");
    d.name = scope_print(s, "%s-%s-%.16s.csv",
                         rows_is_null(r, 0, "model") ? rows_text(r, 0, "table_name")
                                                     : rows_text(r, 0, "model"),
                         rows_text(r, 0, "as_of"), d.sha256);
    return is_filtered ? download_answer_lines(s, &d, &filter, out)
                       : download_answer(s, in, &d, out);
}

bool
dataset_data(struct scope *s, const struct request *in, struct reply *out)
{
    return data_answer(s, in, out, false);
}

bool
dataset_data_packed(struct scope *s, const struct request *in, struct reply *out)
{
    return data_answer(s, in, out, true);
}
