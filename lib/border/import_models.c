#include <string.h>

#include "border/bring.h"
#include "border/import.sql.h"

// A page of versions, which are taken in already.
static void
versions_count(struct import *im, const char *model, const struct rows *r)
{
    for (size_t i = 0; i < rows_count(r); i++) {
        struct scope note = {0};
        const char *id = scope_print(&note, "%s/%s", model, rows_text(r, i, "source_id"));
        import_count(im, IMPORT_VERSION, rows_bool(r, i, "is_new"), id);
        if (rows_bool(r, i, "is_new") && strcmp(rows_text(r, i, "stage"), "Staging") == 0)
            import_skip(im, IMPORT_VERSION, id, "its stage, Staging, is not taken over");
        scope_close(&note);
    }
}

static bool
versions_bring(struct scope *s, struct import *im, const char *model, const char *model_id)
{
    const char *token = "";
    do {
        struct buf path = buf_open(s, 256);
        struct remote_answer a;
        const char quote = strchr(model, '\'') == NULL ? '\'' : '"';
        buf_text(&path, "model-versions/search");
        remote_query(&path, "filter", scope_print(s, "name=%c%s%c", quote, model, quote));
        remote_query(&path, "max_results", "500");
        remote_query(&path, "order_by", "version_number ASC");
        if (*token != '\0')
            remote_query(&path, "page_token", token);
        if (!remote_get(s, im->from, path.text, &a))
            return false;
        const struct rows *r =
            DB_QUERY(s, im->db, &sql_import_versions, remote_name(im->from), model_id, a.text);
        if (r == NULL)
            return false;
        versions_count(im, model, r);
        token = remote_text(a.root, "next_page_token");
    } while (*token != '\0');
    return true;
}

static bool
aliases_bring(struct scope *s, struct import *im, const char *model, const char *model_id,
              const char *aliases)
{
    const struct rows *r = DB_QUERY(s, im->db, &sql_import_aliases, model_id, aliases);
    for (size_t i = 0; r != NULL && i < rows_count(r); i++)
        import_skip(im, IMPORT_MODEL, scope_print(s, "%s@%s", model, rows_text(r, i, "alias")),
                    "this alias decides what serves here: set it yourself");
    return r != NULL;
}

static bool
page_bring(struct scope *s, struct import *im, const char *page)
{
    if (!db_begin(s, im->db))
        return false;
    const struct rows *r = DB_QUERY(s, im->db, &sql_import_models, remote_name(im->from), page);
    for (size_t i = 0; r != NULL && i < rows_count(r); i++) {
        const char *name = rows_text(r, i, "source_id"), *our_id = rows_text(r, i, "our_id");
        if (*our_id == '\0') {
            import_skip(im, IMPORT_MODEL, name, "there is another model of that name here");
            continue;
        }
        import_count(im, IMPORT_MODEL, rows_bool(r, i, "is_new"), name);
        if (!versions_bring(s, im, name, our_id) ||
            !aliases_bring(s, im, name, our_id, rows_text(r, i, "aliases")))
            return explain(s, "model \"%s\"", name);
    }
    return r != NULL && db_commit(s, im->db);
}

bool
import_models(struct scope *s, struct import *im)
{
    const char *token = "";
    do {
        struct scope page = {0};
        struct remote_answer a;
        struct buf path = buf_open(&page, 256);
        buf_text(&path, "registered-models/search");
        remote_query(&path, "max_results", "100");
        remote_query(&path, "order_by", "name ASC");
        if (*token != '\0')
            remote_query(&path, "page_token", token);
        const bool ok =
            (remote_get(&page, im->from, path.text, &a) && page_bring(&page, im, a.text)) ||
            fail_as(s, &page);
        token = ok ? scope_copy(s, remote_text(a.root, "next_page_token")) : "";
        scope_close(&page);
        if (!ok)
            return false;
    } while (*token != '\0');
    return true;
}

// Logged models are of the newer servers alone.
static bool
logged_page(struct scope *s, struct import *im, const char *experiment_id, const char *page)
{
    struct scope change = {0};
    if (!db_begin(&change, im->db))
        return fail_as(s, &change);
    const struct rows *r =
        DB_QUERY(s, im->db, &sql_import_logged, remote_name(im->from), experiment_id, page);
    const bool ok = r != NULL && db_commit(s, im->db);
    scope_close(&change);
    for (size_t i = 0; ok && i < rows_count(r); i++) {
        const char *id = rows_text(r, i, "source_id");
        if (rows_is_null(r, i, "our_id")) {
            import_skip(im, IMPORT_LOGGED_MODEL, id, "there is another one of that id here");
            continue;
        }
        import_count(im, IMPORT_LOGGED_MODEL, rows_bool(r, i, "is_new"), id);
        const struct import_folder files = {
            IMPORT_LOGGED_MODEL, id, rows_text(r, i, "location"),
            scope_print(s, "%s/models/%s/artifacts", experiment_id, rows_text(r, i, "our_id"))};
        if (im->wish->is_dry_run || rows_bool(r, i, "is_whole"))
            continue;
        if (!import_files(s, im, &files))
            return false;
        if (rows_bool(r, i, "is_ready") &&
            !DB_RUN(s, im->db, &sql_import_complete, remote_name(im->from), "logged_models", id))
            return false;
    }
    return ok;
}

bool
import_logged_models(struct scope *s, struct import *im, const char *source_id,
                     const char *experiment_id)
{
    const char *token = "";
    do {
        struct remote_answer a;
        struct buf body = buf_open(s, 128);
        struct json_writer w = {.out = &body};
        json_object_begin(&w);
        json_put_key(&w, "experiment_ids");
        json_array_begin(&w);
        json_put_text(&w, source_id);
        json_array_end(&w);
        json_pair_int(&w, "max_results", 50);
        if (*token != '\0')
            json_pair_text(&w, "page_token", token);
        json_object_end(&w);
        if (!remote_post(s, im->from, "logged-models/search", body.text, &a)) {
            if (s->kind != ERROR_MISSING && s->kind != ERROR_INPUT)
                return false;
            scope_forgive(s); // it knows of none
            return true;
        }
        if (!logged_page(s, im, experiment_id, a.text))
            return false;
        token = remote_text(a.root, "next_page_token");
    } while (*token != '\0');
    return true;
}
