// jobs/source_show.c: what `airwatch source` tells.
#include "jobs/source.h"

static void
pair_or_null(struct json_writer *w, const char *key, const char *text)
{
    json_pair_text(w, key, *text == '\0' ? NULL : text);
}

bool
job_source_list(struct scope *s, struct job *job)
{
    struct json_writer *w = job->result;
    const struct rows *r = source_list(s, job->db);
    if (r == NULL)
        return false;
    json_put_key(w, "sources");
    json_array_begin(w);
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *newest = rows_text(r, i, "newest_day"), *paused = rows_text(r, i, "paused_at");
        json_object_begin(w);
        json_pair_text(w, "source", rows_text(r, i, "source"));
        json_pair_text(w, "kind", rows_text(r, i, "kind"));
        json_put_key(w, "settings");
        json_put_raw(w, rows_text(r, i, "settings"));
        pair_or_null(w, "paused_at", paused);
        json_pair_int(w, "units", rows_int(r, i, "n_units"));
        json_pair_int(w, "failed", rows_int(r, i, "n_failed"));
        pair_or_null(w, "last_day", newest);
        pair_or_null(w, "fetched_at", rows_text(r, i, "fetched_at"));
        json_object_end(w);
        job_say(job, "%-20s %-8s %5s units, %s failed  last day %-10s %s",
                rows_text(r, i, "source"), rows_text(r, i, "kind"), rows_text(r, i, "n_units"),
                rows_text(r, i, "n_failed"), *newest == '\0' ? "-" : newest,
                *paused == '\0' ? "" : "paused");
    }
    json_array_end(w);
    if (rows_count(r) == 0)
        job_say(job, "there is no source yet; see: airwatch source --help");
    return true;
}

static bool
units_show(struct scope *s, struct job *job, const char *name)
{
    struct json_writer *w = job->result;
    const struct rows *r = source_units(s, job->db, name);
    if (r == NULL)
        return false;
    json_put_key(w, "units");
    json_array_begin(w);
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *error = rows_text(r, i, "last_error"), *newest = rows_text(r, i, "newest_day");
        json_object_begin(w);
        json_pair_text(w, "unit", rows_text(r, i, "unit"));
        json_pair_text(w, "state", rows_text(r, i, "state"));
        pair_or_null(w, "first_day", rows_text(r, i, "first_day"));
        pair_or_null(w, "until", rows_text(r, i, "last_day"));
        pair_or_null(w, "last_day", newest);
        json_pair_int(w, "rows", rows_int(r, i, "n_rows"));
        json_pair_int(w, "tries", rows_int(r, i, "n_tries"));
        pair_or_null(w, "last_error", error);
        pair_or_null(w, "tried_at", rows_text(r, i, "tried_at"));
        pair_or_null(w, "fetched_at", rows_text(r, i, "fetched_at"));
        json_object_end(w);
        job_say(job, "  %-28s %-7s last day %-10s fetched %s%s%s", rows_text(r, i, "unit"),
                rows_text(r, i, "state"), *newest == '\0' ? "-" : newest,
                rows_text(r, i, "fetched_at"), *error == '\0' ? "" : "  ", error);
    }
    json_array_end(w);
    return true;
}

// What the next ingest would ask for.
static bool
next_show(struct scope *s, struct job *job, const struct source_work *work)
{
    struct source_units next = {0};
    char first[DAY_TEXT], last[DAY_TEXT];
    const struct source_span span = {.last = time_day(job->as_of)};
    if (!work->source->kind->plan(s, work, &span, &next))
        return false;
    json_put_key(job->result, "next");
    json_array_begin(job->result);
    for (size_t i = 0; i < next.n; i++) {
        json_object_begin(job->result);
        json_pair_text(job->result, "unit", next.units[i].unit);
        json_pair_text(job->result, "first_day", day_format(next.units[i].first, first));
        json_pair_text(job->result, "until", day_format(next.units[i].last, last));
        json_object_end(job->result);
        job_say(job, "  next: %-22s %s to %s", next.units[i].unit, first, last);
    }
    json_array_end(job->result);
    return true;
}

bool
job_source_show(struct scope *s, struct job *job, const char *name)
{
    struct source source;
    const struct source_work work = {
        .config = job->config, .db = job->db, .source = &source, .as_of = job->as_of};
    if (!source_get(s, job->db, name, &source))
        return false;
    json_pair_text(job->result, "source", source.name);
    json_pair_text(job->result, "kind", source.kind->name);
    json_put_key(job->result, "settings");
    json_put_raw(job->result, source.settings_text);
    pair_or_null(job->result, "paused_at", source.paused_at);
    job_say(job, "%s: %s; made %s%s%s\n  %s", source.name, source.kind->summary, source.created_at,
            *source.paused_at == '\0' ? "" : "; paused since ", source.paused_at,
            source.settings_text);
    return units_show(s, job, name) && next_show(s, job, &work);
}

bool
job_source_test(struct scope *s, struct job *job, const char *name)
{
    struct source source;
    struct source_checks checks = {0};
    struct scope one = {0};
    bool is_good = true;
    const struct source_work work = {
        .config = job->config, .db = job->db, .source = &source, .as_of = job->as_of};
    if (!source_get(s, job->db, name, &source))
        return false;
    if (!source.kind->test(&one, &work, &checks))
        source_check_add(&checks, "request", false, one.message);
    json_pair_text(job->result, "source", name);
    json_put_key(job->result, "checks");
    json_array_begin(job->result);
    for (size_t i = 0; i < checks.n; i++) {
        const struct source_check *c = &checks.checks[i];
        is_good = is_good && c->is_good;
        json_object_begin(job->result);
        json_pair_text(job->result, "check", c->name);
        json_pair_bool(job->result, "good", c->is_good);
        json_pair_text(job->result, "detail", c->detail);
        json_object_end(job->result);
        job_say(job, "%s  %-10s %s", c->is_good ? "good" : "BAD ", c->name, c->detail);
    }
    json_array_end(job->result);
    job->has_report = true;
    const enum error_kind kind = one.kind == ERROR_NONE ? ERROR_INPUT : one.kind;
    scope_close(&one);
    return is_good || fail(s, kind, "source \"%s\" will bring nothing as it is", name);
}
