#include "quality/history.h"

#include <string.h>

#include "quality/history.sql.h"

static void
check_write(const struct quality_check *c, struct json_writer *w)
{
    const struct expectation *x = c->expectation;
    json_object_begin(w);
    json_pair_text(w, "name", x->name);
    json_pair_text(w, "expect", expectation_kind_name(x->kind));
    json_pair_text(w, "severity", x->is_fail ? "fail" : "warn");
    json_pair_text(w, "verdict", c->verdict);
    json_pair_text(w, "where", x->where);
    json_pair_number(w, "observed", c->observed);
    json_pair_number(w, "bound", c->bound);
    json_pair_int(w, "n_rows", c->n_rows);
    json_pair_int(w, "n_bad", c->n_bad);
    json_pair_text(w, "detail", c->detail);
    json_put_key(w, "sample");
    json_put_raw(w, c->sample);
    json_pair_number(w, "seconds", c->seconds);
    json_object_end(w);
}

void
history_document(const struct quality_report *report, struct json_writer *w)
{
    char as_of[TIME_TEXT];
    json_object_begin(w);
    json_pair_text(w, "subject", report->subject);
    json_pair_text(w, "target", report->target);
    json_pair_text(w, "as_of", time_format(report->as_of, as_of));
    json_pair_text(w, "verdict", report->verdict);
    json_pair_int(w, "n_checks", (int64_t)report->n_checks);
    json_pair_int(w, "n_warnings", (int64_t)report->n_warnings);
    json_pair_int(w, "n_failures", (int64_t)report->n_failures);
    json_pair_number(w, "seconds", report->seconds);
    json_put_key(w, "expectations");
    json_array_begin(w);
    for (size_t i = 0; i < report->n_checks; i++)
        check_write(&report->checks[i], w);
    json_array_end(w);
    json_object_end(w);
}

// "2009-12-31T235959Z": a time as a key's part may hold it.
static const char *
time_part(struct scope *s, int64_t as_of)
{
    char text[TIME_TEXT];
    char *out = scope_copy(s, time_format(as_of, text));
    size_t n = 0;
    for (const char *c = out; *c != '\0'; c++)
        if (*c != ':')
            out[n++] = *c;
    out[n] = '\0';
    return out;
}

bool
history_keep(struct scope *s, struct db *db, struct store *store, struct quality_report *report)
{
    struct buf text = buf_open(s, 8192);
    struct json_writer w = {.out = &text};
    char sha256[HASH_TEXT];
    history_document(report, &w);
    hash_bytes(text.text, text.n, sha256);
    report->key = scope_print(s, "monitoring_reports/quality/%s/%s-%.12s.json", report->subject,
                              time_part(s, report->as_of), sha256);
    if (!store_put(s, store, report->key, (struct str){text.text, text.n}))
        return explain(s, "could not keep the report");
    const struct rows *r = DB_QUERY(s, db, &sql_history_run, report->subject, report->target,
                                    db_time(s, report->as_of), report->verdict,
                                    db_number(s, report->seconds), report->key);
    if (r == NULL)
        return false;
    report->quality_id = rows_int(r, 0, "quality_id");
    return DB_RUN(s, db, &sql_history_results, db_int(s, report->quality_id), text.text);
}

// Writes a run's own pairs into the object that is open.
static void
run_write(const struct rows *r, size_t i, struct json_writer *w)
{
    static const char *const texts[] = {"subject", "target", "as_of", "ran_at", "verdict"};
    static const char *const counts[] = {"n_checks", "n_warnings", "n_failures"};
    json_pair_int(w, "quality_id", rows_int(r, i, "quality_id"));
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        json_pair_text(w, texts[k], rows_text(r, i, texts[k]));
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        json_pair_int(w, counts[k], rows_int(r, i, counts[k]));
    json_pair_number(w, "seconds", rows_number(r, i, "seconds"));
    json_pair_text(w, "key", rows_is_null(r, i, "key") ? NULL : rows_text(r, i, "key"));
}

struct rows *
history_find(struct scope *s, struct db *db, const char *subject, const char *before,
             const char *limit)
{
    return DB_QUERY(s, db, &sql_history_list, subject, before, NULL, limit);
}

void
history_list(const struct rows *runs, struct json_writer *w)
{
    json_array_begin(w);
    for (size_t i = 0; i < rows_count(runs); i++) {
        json_object_begin(w);
        run_write(runs, i, w);
        json_object_end(w);
    }
    json_array_end(w);
}

static void
result_write(const struct rows *r, size_t i, struct json_writer *w)
{
    static const char *const texts[] = {"name", "expect", "severity", "verdict"};
    json_object_begin(w);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        json_pair_text(w, texts[k], rows_text(r, i, texts[k]));
    json_pair_text(w, "where",
                   rows_is_null(r, i, "condition") ? NULL : rows_text(r, i, "condition"));
    json_pair_number(w, "observed", rows_number(r, i, "observed"));
    json_pair_number(w, "bound", rows_number(r, i, "bound"));
    json_pair_int(w, "n_rows", rows_int(r, i, "n_rows"));
    json_pair_int(w, "n_bad", rows_int(r, i, "n_bad"));
    json_pair_text(w, "detail", rows_text(r, i, "detail"));
    json_put_key(w, "sample");
    json_put_raw(w, rows_text(r, i, "sample"));
    json_pair_number(w, "seconds", rows_number(r, i, "seconds"));
    json_object_end(w);
}

bool
history_show(struct scope *s, struct db *db, int64_t quality_id, struct json_writer *w)
{
    const char *id = db_int(s, quality_id);
    const struct rows *run = DB_QUERY(s, db, &sql_history_list, NULL, NULL, id, "1");
    const struct rows *r = run == NULL ? NULL : DB_QUERY(s, db, &sql_history_show, id);
    if (r == NULL)
        return false;
    if (rows_count(run) == 0)
        return fail(s, ERROR_MISSING, "there is no quality run %s", id);
    json_object_begin(w);
    run_write(run, 0, w);
    json_put_key(w, "expectations");
    json_array_begin(w);
    for (size_t i = 0; i < rows_count(r); i++)
        result_write(r, i, w);
    json_array_end(w);
    json_object_end(w);
    return true;
}
