#include "site/render.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "site/chart.h"
#include "site/page.h"
#include "site/site.sql.h"

static bool
subject_load(struct site *site)
{
    struct scope *s = site->s;
    struct subject *x = &site->subject;
    site->models = DB_QUERY(s, site->db, &sql_site_models, site->as_of);
    if (site->models == NULL)
        return false;
    *x = (struct subject){.parameter_name = "", .unit = "", .coverage = 0.8};
    const struct rows *r = site->models;
    if (rows_count(r) > 0) {
        x->model = rows_text(r, 0, "model");
        x->description = rows_text(r, 0, "description");
        x->version = rows_text(r, 0, "version");
        x->family = rows_text(r, 0, "family");
        x->reason = rows_text(r, 0, "reason");
        x->trained = rows_text(r, 0, "as_of");
        x->promoted = rows_text(r, 0, "promoted");
        x->version_id = rows_int(r, 0, "version_id");
        x->parameter = rows_int(r, 0, "parameter");
        x->retrain_days = rows_int(r, 0, "retrain_days");
        x->unit = rows_text(r, 0, "unit");
        x->coverage = rows_number(r, 0, "coverage");
    }
    const struct rows *p = x->model != NULL
                               ? DB_QUERY(s, site->db, &sql_site_parameter, db_int(s, x->parameter))
                               : db_query(s, site->db, &sql_site_parameter_most, 0, NULL);
    if (p == NULL)
        return false;
    if (rows_count(p) > 0) {
        x->parameter = rows_int(p, 0, "parameter");
        x->parameter_name = rows_text(p, 0, "name");
        if (*x->unit == '\0')
            x->unit = rows_text(p, 0, "unit");
    }
    return true;
}

static bool
stations_load(struct site *site)
{
    struct scope *s = site->s;
    const struct rows *r =
        DB_QUERY(s, site->db, &sql_site_stations, db_int(s, site->subject.parameter), site->as_of);
    if (r == NULL)
        return false;
    site->n_stations = rows_count(r);
    site->stations = scope_array(s, site->n_stations + 1, sizeof *site->stations);
    for (size_t i = 0; i < site->n_stations; i++) {
        struct station *t = &site->stations[i];
        *t = (struct station){
            .site_id = rows_int(r, i, "site_id"),
            .site = rows_text(r, i, "site"),
            .name = rows_text(r, i, "name"),
            .latitude = rows_number(r, i, "latitude"),
            .longitude = rows_number(r, i, "longitude"),
            .first_day = rows_text(r, i, "first_day"),
            .last_day = rows_text(r, i, "last_day"),
            .last_value = rows_number(r, i, "last_value"),
            .n_days = rows_int(r, i, "n_days"),
            .silent_days = rows_int(r, i, "silent_days"),
            .value = NAN,
            .lower = NAN,
            .upper = NAN,
        };
        t->slug = page_slug(s, t->site);
        if (*t->name == '\0')
            t->name = t->site;
    }
    return true;
}

static struct station *
station_find(struct site *site, int64_t site_id)
{
    for (size_t i = 0; i < site->n_stations; i++)
        if (site->stations[i].site_id == site_id)
            return &site->stations[i];
    return NULL;
}

static bool
forecasts_load(struct site *site)
{
    const struct rows *r =
        DB_QUERY(site->s, site->db, &sql_site_forecasts,
                 site->subject.model != NULL ? site->subject.model : "", site->as_of);
    if (r == NULL)
        return false;
    for (size_t i = 0; i < rows_count(r); i++) {
        struct station *t = station_find(site, rows_int(r, i, "site_id"));
        if (t == NULL)
            continue;
        t->day = rows_text(r, i, "day");
        t->version = rows_text(r, i, "version");
        t->made_at = rows_text(r, i, "made_at");
        t->value = rows_number(r, i, "value");
        t->lower = rows_number(r, i, "lower");
        t->upper = rows_number(r, i, "upper");
        site->subject.forecast_day = t->day;
    }
    return true;
}

static void
station_score(struct station *t)
{
    double abs_sum = 0, sq_sum = 0, sum = 0, persistence_abs = 0, persistence_sq = 0,
           matched_sq = 0;
    size_t n_inside = 0, n_persistence = 0;
    for (size_t i = 0; i < t->n_points; i++) {
        const struct point *p = &t->points[i];
        const double miss = p->value - p->truth;
        if (!isfinite(miss))
            continue;
        t->n_scored++;
        abs_sum += fabs(miss);
        sq_sum += miss * miss;
        sum += miss;
        n_inside += p->truth >= p->lower && p->truth <= p->upper;
        if (isfinite(p->persistence)) {
            n_persistence++;
            persistence_abs += fabs(p->persistence - p->truth);
            persistence_sq += (p->persistence - p->truth) * (p->persistence - p->truth);
            matched_sq += miss * miss;
        }
    }
    const double n = t->n_scored > 0 ? (double)t->n_scored : NAN;
    t->mae = abs_sum / n;
    t->rmse = sqrt(sq_sum / n);
    t->bias = sum / n;
    t->coverage = (double)n_inside / n;
    t->persistence_mae = n_persistence > 0 ? persistence_abs / (double)n_persistence : NAN;
    t->skill = persistence_sq > 0 ? 1 - matched_sq / persistence_sq : NAN;
}

static bool
series_load(struct site *site)
{
    struct scope *s = site->s;
    const struct subject *x = &site->subject;
    const struct rows *r =
        DB_QUERY(s, site->db, &sql_site_series, db_int(s, x->parameter),
                 x->model != NULL ? x->model : "", site->as_of, db_int(s, SERIES_DAYS));
    if (r == NULL)
        return false;
    const size_t n = rows_count(r);
    struct point *points = scope_array(s, n + 1, sizeof *points);
    struct station *t = NULL;
    for (size_t i = 0; i < n; i++) {
        const int64_t site_id = rows_int(r, i, "site_id");
        if (t == NULL || t->site_id != site_id)
            t = station_find(site, site_id);
        if (t == NULL)
            continue;
        points[i] = (struct point){.day = rows_text(r, i, "day"),
                                   .at = (int)rows_int(r, i, "at"),
                                   .truth = rows_number(r, i, "truth"),
                                   .value = rows_number(r, i, "value"),
                                   .lower = rows_number(r, i, "lower"),
                                   .upper = rows_number(r, i, "upper"),
                                   .persistence = rows_number(r, i, "persistence")};
        if (t->n_points++ == 0)
            t->points = &points[i];
    }
    for (size_t i = 0; i < site->n_stations; i++)
        station_score(&site->stations[i]);
    return true;
}

static bool
assets_write(struct site *site)
{
    static const char *const names[] = {"style.css", "site.js", "favicon.svg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = asset_text(names[i]);
        if (!page_put(site, names[i], (struct str){text, strlen(text)}))
            return false;
    }
    return page_write(site, "404.html", "404.html", "Not found", "", slots_open(site->s));
}

// Removes the pages and charts of one folder that this rendering did not write.
static bool
folder_clean(struct site *site, const char *below, const char *suffix)
{
    const char *path = scope_print(site->s, "%s/%s", site->request->folder, below);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return fail(site->s, ERROR_UNAVAILABLE, "could not list folder \"%s\": %s", path,
                    strerror(errno));
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(folder)) != NULL;) {
        const size_t n = strlen(entry->d_name), m = strlen(suffix);
        if (n <= m || strcmp(entry->d_name + n - m, suffix) != 0)
            continue;
        const char *line = scope_print(site->s, "\n%s/%s\n", below, entry->d_name);
        if (strstr(site->written.text, line) != NULL)
            continue;
        const char *old = scope_print(site->s, "%s/%s", path, entry->d_name);
        if (unlink(old) != 0 && errno != ENOENT)
            ok = fail(site->s, ERROR_UNAVAILABLE, "could not remove \"%s\": %s", old,
                      strerror(errno));
    }
    closedir(folder);
    return ok;
}

bool
site_render(struct scope *s, struct db *db, const struct render_request *request,
            struct render_summary *out)
{
    static const char *const folders[] = {"station", "model", "chart"};
    const double began = time_monotonic_s();
    *out = (struct render_summary){0};
    struct site site = {
        .s = s,
        .db = db,
        .request = request,
        .as_of = db_time(s, request->as_of),
        .written = buf_open(s, 16384),
        .summary = out,
    };
    day_format(time_day(request->as_of), site.day);
    buf_char(&site.written, '\n');
    for (size_t i = 0; i < 3; i++)
        if (!file_make_folders(s, scope_print(s, "%s/%s", request->folder, folders[i])))
            return false;
    if (!subject_load(&site) || !stations_load(&site) || !forecasts_load(&site) ||
        !series_load(&site))
        return explain(s, "could not read what the pages show");
    if (!charts_draw(&site) || !assets_write(&site) || !page_stations(&site) ||
        !page_models(&site) || !page_data(&site) || !page_home(&site))
        return explain(s, "could not render the site");
    for (size_t i = 0; i < 3; i++)
        if (!folder_clean(&site, folders[i], i == 2 ? ".svg" : ".html"))
            return false;
    out->seconds = time_monotonic_s() - began;
    return true;
}
