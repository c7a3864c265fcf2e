#include <math.h>
#include <string.h>

#include "api/handlers.h"
#include "api/metrics.sql.h"
#include "app/app.h"

struct gauge { // one family of numbers from rows of the database
    const char *name, *help;
    const char *column;
    const char *labels[3]; // columns, up to three
};

static void
number_write(struct buf *out, double x)
{
    if (isfinite(x))
        buf_number(out, x);
    else
        buf_text(out, isnan(x) ? "NaN" : x > 0 ? "+Inf" : "-Inf");
}

static void
gauge_write(struct scope *s, struct buf *out, const struct gauge *g, const struct rows *r)
{
    if (rows_count(r) > 0)
        buf_print(out, "# HELP %s %s\n# TYPE %s gauge\n", g->name, g->help, g->name);
    for (size_t i = 0; i < rows_count(r); i++) {
        struct buf labels = buf_open(s, 128);
        for (size_t k = 0; k < 3 && g->labels[k] != NULL; k++)
            counter_label(&labels, g->labels[k], rows_text(r, i, g->labels[k]));
        buf_print(out, "%s{%s} ", g->name, labels.text);
        number_write(out, g->column == NULL ? 1 : rows_number(r, i, g->column));
        buf_char(out, '\n');
    }
}

static const struct {
    const struct query *query;
    struct gauge gauges[5]; // ended by one without a name
} sources[] = {
    {&sql_metrics_jobs,
     {{"airwatch_job_finished_timestamp_seconds",
       "When the job last finished",
       "finished_at",
       {"job"}},
      {"airwatch_job_as_of_timestamp_seconds",
       "The as-of time of its last success",
       "as_of",
       {"job"}},
      {"airwatch_job_failures", "Rows of ops.job that failed", "n_failed", {"job"}}}},
    {&sql_metrics_accuracy,
     {{"airwatch_live_rmse",
       "Live RMSE by model, version (empty: all) and window",
       "rmse",
       {"model", "version", "window_days"}},
      {"airwatch_live_skill",
       "Live skill over persistence",
       "skill",
       {"model", "version", "window_days"}},
      {"airwatch_live_coverage",
       "Share of truths inside their interval",
       "coverage",
       {"model", "version", "window_days"}},
      {"airwatch_live_outcomes",
       "Outcomes behind the live numbers",
       "n",
       {"model", "version", "window_days"}}}},
    {&sql_metrics_models,
     {{"airwatch_model_info", "Versions in production", NULL, {"model", "version", "family"}},
      {"airwatch_model_as_of_timestamp_seconds",
       "The last day its training knew",
       "as_of",
       {"model"}}}},
    {&sql_metrics_tables,
     {{"airwatch_table_rows", "About how many rows a table has", "n_rows", {"name"}}}},
    {&sql_metrics_alerts, {{"airwatch_alerts_open", "Open alerts", "n", {"severity"}}}},
};

// What the database knows; false when it is away.
static bool
database_write(struct scope *s, struct db *db, struct buf *out)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const struct rows *r = db_query(s, db, sources[i].query, 0, NULL);
        if (r == NULL)
            return false;
        for (size_t k = 0; k < 5 && sources[i].gauges[k].name != NULL; k++)
            gauge_write(s, out, &sources[i].gauges[k], r);
    }
    return true;
}

// This machine's Prometheus needs no token; what came through another proxy is not this machine.
static bool
reader_check(struct scope *s, const struct request *in)
{
    const bool is_here = strcmp(in->address, "127.0.0.1") == 0 || strcmp(in->address, "::1") == 0;
    struct request who = *in;
    if (is_here && !in->is_forwarded)
        return true;
    return auth_identify(s, app_of(in)->auth, &who) && auth_demand(s, &who, ROLE_VIEWER);
}

bool
metrics_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct scope one = {0};
    struct app *app = app_of(in);
    if (!reader_check(s, in))
        return false;
    out->content_type = "text/plain; version=0.0.4; charset=utf-8";
    buf_text(&out->body, "# HELP airwatch_build_info The code's revision\n"
                         "# TYPE airwatch_build_info gauge\n"
                         "airwatch_build_info{revision=\"" REVISION "\"} 1\n");
    counters_write(s, app->counters, &out->body);

    struct buf known = buf_open(s, 4096); // whole or not at all
    const bool is_up = database_write(&one, in->db, &known);
    scope_close(&one);
    buf_print(&out->body,
              "# HELP airwatch_database_up Whether the database answered this scrape\n"
              "# TYPE airwatch_database_up gauge\nairwatch_database_up %d\n",
              is_up);
    if (is_up)
        buf_add(&out->body, known.text, known.n);
    return true;
}
