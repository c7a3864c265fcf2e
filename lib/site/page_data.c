// The data page: what was ingested, what was refused, what the gate said, how complete it is.
#include <string.h>

#include "site/page.h"
#include "site/site.sql.h"

static bool
ingests_slots(struct site *site, struct slots *v)
{
    const struct rows *all = DB_QUERY(site->s, site->db, &sql_site_objects, site->as_of);
    const struct rows *r =
        all != NULL ? DB_QUERY(site->s, site->db, &sql_site_ingests, site->as_of) : NULL;
    if (r == NULL)
        return false;
    static const char *const sums[] = {"n_objects", "n_ingests", "n_rows",    "n_new",
                                       "n_changed", "n_skipped", "n_rejected"};
    static const char *const counts[] = {"n_rows", "n_new",     "n_changed",
                                         "n_same", "n_skipped", "n_rejected"};
    for (size_t k = 0; k < sizeof sums / sizeof *sums; k++)
        slots_int(v, scope_print(site->s, "all_%s", sums[k]), rows_int(all, 0, sums[k]));
    slots_list(v, "ingests");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "ingests");
        slots_text(row, "file", rows_text(r, i, "name"));
        slots_text(row, "ingest_as_of", rows_text(r, i, "as_of"));
        slots_text(row, "sha256", rows_text(r, i, "sha256"));
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            slots_int(row, counts[k], rows_int(r, i, counts[k]));
    }
    return true;
}

static bool
rejects_slots(struct site *site, struct slots *v)
{
    const struct rows *r = db_query(site->s, site->db, &sql_site_rejects, 0, NULL);
    if (r == NULL)
        return false;
    slots_list(v, "rejects");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "rejects");
        slots_text(row, "reject", rows_text(r, i, "reason"));
        slots_int(row, "n", rows_int(r, i, "n"));
        slots_text(row, "file", rows_text(r, i, "name"));
        slots_int(row, "line", rows_int(r, i, "line"));
        slots_text(row, "content", rows_text(r, i, "content"));
    }
    return true;
}

static bool
datasets_slots(struct site *site, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_site_datasets, site->as_of);
    if (r == NULL)
        return false;
    slots_list(v, "datasets");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "datasets");
        static const char *const texts[] = {"sha256", "key", "first_day", "last_day"};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            slots_text(row, texts[k], rows_text(r, i, texts[k]));
        slots_text(row, "dataset_model", rows_text(r, i, "model"));
        slots_text(row, "dataset_as_of", rows_text(r, i, "as_of"));
        slots_int(row, "n_rows", rows_int(r, i, "n_rows"));
        slots_int(row, "n_sites", rows_int(r, i, "n_sites"));
    }
    return true;
}

// One row for each station that reported in the last 12 months, one cell for each month.
static bool
completeness_slots(struct site *site, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_site_completeness,
                                    db_int(site->s, site->subject.parameter), site->as_of);
    if (r == NULL)
        return false;
    struct slots *row = NULL;
    const char *last = NULL;
    int64_t n = 0, n_days = 0;
    slots_list(v, "months");
    slots_list(v, "complete");
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *name = rows_text(r, i, "site");
        if (last == NULL || strcmp(last, name) != 0) {
            row = slots_row(v, "complete");
            slots_text(row, "site", name);
            slots_text(row, "slug", page_slug(site->s, name));
            n = n_days = 0;
        }
        if (last == NULL || strcmp(name, rows_text(r, 0, "site")) == 0)
            slots_text(slots_row(v, "months"), "month", rows_text(r, i, "label"));
        last = name;
        const double percent = rows_number(r, i, "percent");
        struct slots *cell = slots_row(row, "cells");
        slots_int(cell, "tenth", (int64_t)(percent / 20));
        slots_number(cell, "percent", percent, 0);
        slots_text(cell, "month", rows_text(r, i, "month"));
        n += rows_int(r, i, "n");
        n_days += rows_int(r, i, "n_days");
        slots_number(row, "year_percent", 100.0 * (double)n / (double)n_days, 0);
    }
    return true;
}

bool
page_data(struct site *site)
{
    struct slots *v = slots_open(site->s);
    if (!page_gates(site, v) || !ingests_slots(site, v) || !rejects_slots(site, v) ||
        !datasets_slots(site, v) || !completeness_slots(site, v))
        return false;
    slots_if(v, "if_network_chart", site->has_network_chart);
    return page_write(site, "data.html", "data.html", "Data", "data", v);
}
