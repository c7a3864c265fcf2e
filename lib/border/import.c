#include "border/import.h"

#include <string.h>

#include "border/bring.h"
#include "border/import.sql.h"

static const char *const names[IMPORT_KINDS] = {"experiments", "runs",     "logged_models",
                                                "models",      "versions", "files"};

const char *
import_kind_name(enum import_kind kind)
{
    return names[kind];
}

void
import_skip(struct import *im, enum import_kind kind, const char *id, const char *why)
{
    struct import_tally *t = im->tally;
    t->n_skipped[kind]++;
    if (t->n_reasons == IMPORT_REASONS)
        return;
    t->reasons[t->n_reasons].kind = kind;
    t->reasons[t->n_reasons].id = scope_copy(im->told, id);
    t->reasons[t->n_reasons++].why = scope_copy(im->told, why);
}

bool
import_pass(struct scope *s, struct import *im, enum import_kind kind, const char *id,
            const struct scope *failed)
{
    if (failed->kind == ERROR_UNAVAILABLE || failed->kind == ERROR_BUG)
        return fail_as(s, failed);
    import_skip(im, kind, id, failed->message);
    return true;
}

void
import_count(struct import *im, enum import_kind kind, bool is_new, const char *note)
{
    (is_new ? im->tally->n_created : im->tally->n_same)[kind]++;
    progress_move(im->progress, ++im->n_moved, note);
}

// All that belongs to the experiments of a page, which have been taken in.
static bool
experiments_fill(struct scope *s, struct import *im, const struct rows *r)
{
    for (size_t i = 0; i < rows_count(r); i++) {
        struct scope one = {0};
        const char *source_id = rows_text(r, i, "source_id"), *our_id = rows_text(r, i, "our_id");
        import_count(im, IMPORT_EXPERIMENT, rows_bool(r, i, "is_new"), rows_text(r, i, "name"));
        const bool ok = (import_runs(&one, im, source_id, our_id) &&
                         import_logged_models(&one, im, source_id, our_id)) ||
                        (explain(&one, "experiment \"%s\"", rows_text(r, i, "name")),
                         import_pass(s, im, IMPORT_EXPERIMENT, source_id, &one));
        scope_close(&one);
        if (!ok)
            return false;
    }
    return true;
}

static bool
experiments_take(struct scope *s, struct import *im, const char *page)
{
    struct scope change = {0};
    if (!db_begin(&change, im->db))
        return fail_as(s, &change);
    const struct rows *r =
        DB_QUERY(s, im->db, &sql_import_experiments, remote_name(im->from), page);
    const bool ok = r != NULL && db_commit(s, im->db);
    scope_close(&change);
    return ok && experiments_fill(s, im, r);
}

// The body of a search's next page.
static const char *
search_body(struct scope *s, const char *token)
{
    struct buf body = buf_open(s, 128);
    struct json_writer w = {.out = &body};
    json_object_begin(&w);
    json_pair_int(&w, "max_results", 500);
    json_pair_text(&w, "view_type", "ALL");
    json_put_key(&w, "order_by");
    json_put_raw(&w, "[\"creation_time ASC\"]");
    if (*token != '\0')
        json_pair_text(&w, "page_token", token);
    json_object_end(&w);
    return body.text;
}

static bool
experiments_all(struct scope *s, struct import *im)
{
    const char *token = "";
    do {
        struct scope page = {0};
        struct remote_answer a;
        const bool ok =
            (remote_post(&page, im->from, "experiments/search", search_body(&page, token), &a) &&
             experiments_take(&page, im, a.text)) ||
            fail_as(s, &page);
        token = ok ? scope_copy(s, remote_text(a.root, "next_page_token")) : "";
        scope_close(&page);
        if (!ok)
            return false;
    } while (*token != '\0');
    return true;
}

static bool
experiments_one(struct scope *s, struct import *im, const char *name)
{
    struct remote_answer a;
    struct buf path = buf_open(s, 128);
    buf_text(&path, "experiments/get-by-name");
    remote_query(&path, "experiment_name", name);
    return remote_get(s, im->from, path.text, &a) && experiments_take(s, im, a.text);
}

bool
import_run(struct scope *s, struct db *db, struct store *store, const struct import_wish *wish,
           struct import_tally *out)
{
    *out = (struct import_tally){0};
    struct import im = {
        .db = db,
        .shelf = {db, store, wish->actor},
        .wish = wish,
        .from = wish->from,
        .tally = out,
        .told = s,
        .progress = progress_open(s, "import", 0, "things", wish->is_quiet),
    };
    if (wish->is_dry_run && !db_begin(s, db)) // around all others, and never committed
        return false;
    const bool ok = wish->experiment != NULL ? experiments_one(s, &im, wish->experiment)
                                             : experiments_all(s, &im) && import_models(s, &im);
    progress_finish(im.progress);
    return ok || explain(s, "could not import from \"%s\"", remote_name(wish->from));
}
