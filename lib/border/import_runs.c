#include <string.h>

#include "border/bring.h"
#include "border/import.sql.h"
#include "db/array.h"

#define RUNS_PAGE 200
#define POINTS_PAGE "10000"

// One metric's whole history, a page at a time.
static bool
history_bring(struct scope *s, struct import *im, const char *run_id, const char *run_no,
              const char *key)
{
    const char *token = "";
    char kept[256] = "";
    do {
        const struct scope_mark mark = scope_mark(s);
        struct remote_answer a;
        struct buf path = buf_open(s, 256);
        buf_text(&path, "metrics/get-history");
        remote_query(&path, "run_uuid", run_id);
        remote_query(&path, "run_id", run_id);
        remote_query(&path, "metric_key", key);
        remote_query(&path, "max_results", POINTS_PAGE);
        if (*token != '\0')
            remote_query(&path, "page_token", token);
        if (!remote_get(s, im->from, path.text, &a))
            return false;
        const struct rows *r = DB_QUERY(s, im->db, &sql_import_points, run_no, key, a.text);
        if (r == NULL)
            return false;
        im->tally->n_points += rows_int(r, 0, "n");
        token = remote_text(a.root, "next_page_token");
        if (strlen(token) >= sizeof kept)
            return fail(s, ERROR_LIMIT, "a page token of metric \"%.60s\" is too long", key);
        token = memcpy(kept, token, strlen(token) + 1);
        scope_release(s, mark);
    } while (*token != '\0');
    return true;
}

// A run with all that is in the database: all of it or nothing.
static bool
run_bring(struct scope *s, struct import *im, const char *id, const char *experiment_id,
          const struct json *run, const char *text, const char **our_id)
{
    const struct json *metrics = json_find(run, "data.metrics");
    if (!db_begin(s, im->db))
        return false;
    const struct rows *r =
        DB_QUERY(s, im->db, &sql_import_run, remote_name(im->from), experiment_id, text);
    if (r == NULL)
        return false;
    *our_id = rows_text(r, 0, "our_id");
    const char *run_no = rows_text(r, 0, "run_no");
    for (const struct json *m = metrics == NULL ? NULL : json_first(metrics); m != NULL;
         m = json_next(m))
        if (!history_bring(s, im, id, run_no, remote_text(m, "key")))
            return false;
    return DB_RUN(s, im->db, &sql_import_fold, run_no) && db_commit(s, im->db);
}

static bool
run_whole(struct scope *s, struct import *im, const char *id, const char *experiment_id)
{
    struct remote_answer a;
    struct buf path = buf_open(s, 256);
    struct scope work = {0}; // its end takes back what was not committed
    const char *our_id = NULL;
    buf_text(&path, "runs/get");
    remote_query(&path, "run_uuid", id);
    remote_query(&path, "run_id", id);
    if (!remote_get(s, im->from, path.text, &a))
        return false;
    const struct json *run = json_find(a.root, "run");
    bool ok = run != NULL || fail(&work, ERROR_INPUT, "it answers no run");
    ok = ok && run_bring(&work, im, id, experiment_id, run, a.text, &our_id);
    const char *folder = ok ? scope_print(s, "%s/%s/artifacts", experiment_id, our_id) : NULL;
    ok = ok || fail_as(s, &work);
    scope_close(&work);
    const struct import_folder files = {IMPORT_RUN, id, remote_text(run, "info.artifact_uri"),
                                        folder};
    const char *status = remote_text(run, "info.status");
    const bool has_ended = strcmp(status, "RUNNING") != 0 && strcmp(status, "SCHEDULED") != 0;
    return ok && import_files(s, im, &files) &&
           (!has_ended ||
            DB_RUN(s, im->db, &sql_import_complete, remote_name(im->from), "runs", id));
}

static bool
is_among(const struct rows *r, const char *id)
{
    for (size_t i = 0; i < rows_count(r); i++)
        if (strcmp(rows_text(r, i, "source_id"), id) == 0)
            return true;
    return false;
}

static bool
page_bring(struct scope *s, struct import *im, const struct json *runs, const char *experiment_id)
{
    struct db_array ids = db_array_open(s, 4096);
    for (const struct json *x = json_first(runs); x != NULL; x = json_next(x))
        db_array_text(&ids, remote_text(x, "info.run_id"));
    const struct rows *whole =
        DB_QUERY(s, im->db, &sql_import_whole, remote_name(im->from), "runs", db_array_end(&ids));
    if (whole == NULL)
        return false;
    for (const struct json *x = json_first(runs); x != NULL; x = json_next(x)) {
        struct scope one = {0};
        const char *id = remote_text(x, "info.run_id");
        const bool is_new = !is_among(whole, id);
        const bool ok = im->wish->is_dry_run || !is_new || run_whole(&one, im, id, experiment_id);
        if (ok)
            import_count(im, IMPORT_RUN, is_new, remote_text(x, "info.run_name"));
        const bool goes_on = ok || import_pass(s, im, IMPORT_RUN, id, &one);
        scope_close(&one);
        if (!goes_on)
            return false;
    }
    return true;
}

// In the order in which they began, so that those that come meanwhile move no page.
static const char *
search_body(struct scope *s, const char *experiment, const char *token)
{
    struct buf body = buf_open(s, 256);
    struct json_writer w = {.out = &body};
    json_object_begin(&w);
    json_put_key(&w, "experiment_ids");
    json_array_begin(&w);
    json_put_text(&w, experiment);
    json_array_end(&w);
    json_pair_text(&w, "run_view_type", "ALL");
    json_pair_int(&w, "max_results", RUNS_PAGE);
    json_put_key(&w, "order_by");
    json_put_raw(&w, "[\"attributes.start_time ASC\"]");
    if (*token != '\0')
        json_pair_text(&w, "page_token", token);
    json_object_end(&w);
    return body.text;
}

bool
import_runs(struct scope *s, struct import *im, const char *source_id, const char *experiment_id)
{
    const char *token = "";
    do {
        struct scope page = {0};
        struct remote_answer a;
        const char *body = search_body(&page, source_id, token);
        bool ok = remote_post(&page, im->from, "runs/search", body, &a);
        const struct json *runs = ok ? json_find(a.root, "runs") : NULL;
        ok = ok && (runs == NULL || page_bring(&page, im, runs, experiment_id));
        token = ok ? scope_copy(s, remote_text(a.root, "next_page_token")) : "";
        ok = ok || fail_as(s, &page);
        scope_close(&page);
        if (!ok)
            return false;
    } while (*token != '\0');
    return true;
}
