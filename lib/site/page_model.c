// One page for each model in production: its candidates, versions, stations and features.
#include <math.h>
#include <string.h>

#include "site/model.sql.h"
#include "site/page.h"

static bool
parts_slots(struct site *site, const char *version_id, struct slots *v)
{
    const struct rows *parts = DB_QUERY(site->s, site->db, &sql_model_parts, version_id);
    const struct rows *r =
        parts != NULL ? DB_QUERY(site->s, site->db, &sql_model_interval, version_id) : NULL;
    if (r == NULL)
        return false;
    slots_list(v, "parts");
    for (size_t i = 0; i < rows_count(parts); i++) {
        struct slots *row = slots_row(v, "parts");
        slots_text(row, "part", rows_text(parts, i, "part"));
        slots_text(row, "part_first", rows_text(parts, i, "first"));
        slots_text(row, "part_last", rows_text(parts, i, "last"));
        slots_int(row, "part_n", (int64_t)rows_number(parts, i, "n"));
    }
    const bool has_one = rows_count(r) > 0;
    slots_number(v, "measured", has_one ? 100 * rows_number(r, 0, "measured") : NAN, 1);
    slots_number(v, "width", has_one ? rows_number(r, 0, "width") : NAN, 1);
    slots_number(v, "median_r2", has_one ? rows_number(r, 0, "median_r2") : NAN, 2);
    slots_number(v, "median_rmse", has_one ? rows_number(r, 0, "median_rmse") : NAN, 2);
    slots_number(v, "median_skill", has_one ? 100 * rows_number(r, 0, "median_skill") : NAN, 0);
    return true;
}

static void
score_slots(const struct rows *r, size_t i, struct slots *row)
{
    slots_number(row, "rmse", rows_number(r, i, "rmse"), 2);
    slots_number(row, "mae", rows_number(r, i, "mae"), 2);
    slots_number(row, "r2", rows_number(r, i, "r2"), 2);
    slots_number(row, "skill", 100 * rows_number(r, i, "skill"), 0);
}

bool
page_candidates(struct site *site, int64_t version_id, struct slots *v)
{
    const char *id = db_int(site->s, version_id);
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_model_candidates, id);
    if (r == NULL || !parts_slots(site, id, v))
        return false;
    slots_list(v, "candidates");
    slots_list(v, "if_chosen");
    for (size_t i = 0; i < rows_count(r); i++) {
        const bool is_chosen = rows_bool(r, i, "chosen");
        struct slots *row = slots_row(v, "candidates");
        slots_text(row, "candidate", rows_text(r, i, "family"));
        slots_text(row, "params", rows_text(r, i, "params"));
        slots_if(row, "chosen", is_chosen);
        slots_html(row, "chosen_class", is_chosen ? "chosen" : "");
        score_slots(r, i, row);
        slots_number(row, "bias", rows_number(r, i, "bias"), 2);
        slots_number(row, "skill_climatology", 100 * rows_number(r, i, "skill_climatology"), 0);
        slots_number(row, "validation_rmse", rows_number(r, i, "validation_rmse"), 2);
        slots_number(row, "gap", rows_number(r, i, "gap"), 2);
        slots_html(row, "eligible", rows_bool(r, i, "eligible") ? "yes" : "no");
        if (!is_chosen)
            continue;
        struct slots *best = slots_row(v, "if_chosen");
        score_slots(r, i, best);
        slots_int(best, "test_n", (int64_t)rows_number(r, i, "n"));
    }
    return true;
}

static bool
versions_slots(struct site *site, const char *model, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_model_versions, model);
    if (r == NULL)
        return false;
    slots_list(v, "versions");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "versions");
        static const char *const texts[] = {"stage", "reason", "recipe", "artifact"};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            slots_text(row, texts[k], rows_text(r, i, texts[k]));
        slots_text(row, "row_version", rows_text(r, i, "version"));
        slots_text(row, "row_as_of", rows_text(r, i, "as_of"));
        slots_text(row, "row_family", rows_text(r, i, "family"));
        slots_html(row, "stage_class",
                   strcmp(rows_text(r, i, "stage"), "production") == 0 ? "ok" : "");
        score_slots(r, i, row);
        slots_number(row, "coverage", 100 * rows_number(r, i, "coverage"), 0);
        slots_int(row, "n_rows", rows_int(r, i, "n_rows"));
    }
    slots_int(v, "n_versions", (int64_t)rows_count(r));
    return true;
}

static bool
sites_slots(struct site *site, const char *version_id, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_model_sites, version_id);
    if (r == NULL)
        return false;
    slots_list(v, "sites");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "sites");
        const char *name = rows_text(r, i, "site");
        bool has_page = false;
        for (size_t k = 0; k < site->n_stations && !has_page; k++)
            has_page = strcmp(site->stations[k].site, name) == 0;
        slots_text(row, "site", name);
        slots_text(row, "slug", page_slug(site->s, name));
        slots_if(row, "if_page", has_page);
        slots_if(row, "if_no_page", !has_page);
        slots_int(row, "n", (int64_t)rows_number(r, i, "n"));
        score_slots(r, i, row);
        slots_number(row, "bias", rows_number(r, i, "bias"), 2);
    }
    return true;
}

static bool
recipe_slots(struct site *site, const char *model, const char *version_id, struct slots *v)
{
    const struct rows *f = DB_QUERY(site->s, site->db, &sql_model_features, version_id);
    const struct rows *r =
        f != NULL ? DB_QUERY(site->s, site->db, &sql_model_releases, model, site->as_of) : NULL;
    if (r == NULL)
        return false;
    slots_list(v, "features");
    for (size_t i = 0; i < rows_count(f); i++) {
        struct slots *row = slots_row(v, "features");
        slots_text(row, "feature", rows_text(f, i, "part"));
        slots_text(row, "settings", rows_text(f, i, "settings"));
    }
    slots_list(v, "releases");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "releases");
        slots_text(row, "row_version", rows_text(r, i, "version"));
        slots_text(row, "from_stage", rows_text(r, i, "from_stage"));
        slots_text(row, "to_stage", rows_text(r, i, "to_stage"));
        slots_text(row, "actor", rows_text(r, i, "actor"));
        slots_text(row, "row_as_of", rows_text(r, i, "as_of"));
    }
    return true;
}

static bool
model_write(struct site *site, size_t i)
{
    struct scope *s = site->s;
    const struct rows *m = site->models;
    const char *model = rows_text(m, i, "model"), *slug = page_slug(s, model);
    const char *id = db_int(s, rows_int(m, i, "version_id"));
    struct slots *v = slots_open(s);
    slots_text(v, "this_model", model);
    slots_text(v, "this_slug", slug);
    slots_text(v, "this_description", rows_text(m, i, "description"));
    slots_text(v, "this_version", rows_text(m, i, "version"));
    slots_text(v, "this_family", rows_text(m, i, "family"));
    slots_text(v, "this_reason", rows_text(m, i, "reason"));
    slots_text(v, "this_trained", rows_text(m, i, "as_of"));
    slots_text(v, "this_artifact", rows_text(m, i, "artifact_key"));
    slots_text(v, "this_sha256", rows_text(m, i, "artifact_sha256"));
    slots_text(v, "this_run", rows_text(m, i, "run_id"));
    slots_if(v, "if_accuracy_chart", i == 0 && site->has_accuracy_chart);
    if (!page_candidates(site, rows_int(m, i, "version_id"), v) ||
        !versions_slots(site, model, v) || !sites_slots(site, id, v) ||
        !recipe_slots(site, model, id, v))
        return false;
    return page_write(site, scope_print(s, "model/%s.html", slug), "model.html",
                      scope_print(s, "Model %s", model), model, v);
}

bool
page_models(struct site *site)
{
    for (size_t i = 0; i < rows_count(site->models); i++)
        if (!model_write(site, i))
            return explain(site->s, "could not render model \"%s\"",
                           rows_text(site->models, i, "model"));
    return true;
}
