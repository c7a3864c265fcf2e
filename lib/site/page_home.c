// The front page: tomorrow's air, the model behind it, how good it is, what ran when.
#include <math.h>
#include <string.h>

#include "aqs/aqi.h"
#include "site/chart.h"
#include "site/page.h"
#include "site/site.sql.h"

#define MAP_WIDTH 460.0
#define MAP_MARGIN 26.0

struct map {
    double west, north, x_scale, y_scale; // pixels a degree
    double height;
};

static bool
is_on_map(const struct station *t)
{
    return t->day != NULL && isfinite(t->latitude) && isfinite(t->longitude);
}

// Equirectangular about the mean latitude: at the size of a country nobody sees the difference.
static bool
map_open(const struct site *site, struct map *m)
{
    double west = 180, east = -180, north = -90, south = 90;
    for (size_t i = 0; i < site->n_stations; i++) {
        const struct station *t = &site->stations[i];
        if (!is_on_map(t))
            continue;
        west = fmin(west, t->longitude);
        east = fmax(east, t->longitude);
        north = fmax(north, t->latitude);
        south = fmin(south, t->latitude);
    }
    if (west > east)
        return false;
    const double squeeze = cos((north + south) / 2 * acos(-1) / 180);
    const double wide = fmax((east - west) * squeeze, 0.2), tall = fmax(north - south, 0.2);
    const double room = MAP_WIDTH - 2 * MAP_MARGIN;
    const double scale = room / fmax(wide, tall / 1.3); // no taller than 1.3 of its width
    *m = (struct map){.west = (east + west) / 2 - MAP_WIDTH / 2 / scale / squeeze,
                      .north = north + MAP_MARGIN / scale,
                      .x_scale = scale * squeeze,
                      .y_scale = scale,
                      .height = tall * scale + 2 * MAP_MARGIN};
    return true;
}

static void
map_slots(const struct site *site, struct slots *v)
{
    struct map m;
    slots_list(v, "dots");
    slots_list(v, "parallels");
    const bool is_drawn = map_open(site, &m);
    slots_if(v, "if_map", is_drawn);
    if (!is_drawn)
        return;
    slots_html(v, "map_height", scope_print(site->s, "%.0f", m.height));
    const double south = m.north - m.height / m.y_scale;
    for (int latitude = (int)floor(m.north); latitude > south; latitude--) {
        struct slots *line = slots_row(v, "parallels");
        slots_int(line, "degree", latitude);
        slots_html(line, "y", scope_print(site->s, "%.1f", (m.north - latitude) * m.y_scale));
    }
    for (size_t i = 0; i < site->n_stations; i++) {
        const struct station *t = &site->stations[i];
        if (!is_on_map(t))
            continue;
        struct slots *dot = slots_row(v, "dots");
        page_station_slots(site, t, dot);
        slots_html(dot, "x", scope_print(site->s, "%.1f", (t->longitude - m.west) * m.x_scale));
        slots_html(dot, "y", scope_print(site->s, "%.1f", (m.north - t->latitude) * m.y_scale));
    }
}

// The headline: how many stations, the highest, the middle.
static void
forecast_slots(const struct site *site, struct slots *v)
{
    const struct station *highest = NULL;
    struct aqi aqi;
    size_t n = 0, n_good = 0;
    slots_list(v, "stations");
    slots_list(v, "charted");
    for (size_t i = 0; i < site->n_stations; i++) {
        const struct station *t = &site->stations[i];
        if (chart_is_drawn(t))
            page_station_slots(site, t, slots_row(v, "charted"));
        if (t->day == NULL)
            continue;
        n++;
        n_good += aqi_of((int)site->subject.parameter, t->value, &aqi) && aqi.index <= 50;
        page_station_slots(site, t, slots_row(v, "stations"));
        if (highest == NULL || t->value > highest->value)
            highest = t;
    }
    slots_int(v, "n_stations", (int64_t)n);
    slots_int(v, "n_good", (int64_t)n_good);
    slots_int(v, "n_silent", (int64_t)(site->n_stations - n));
    slots_text(v, "forecast_day",
               highest != NULL ? page_day(site->s, highest->day) : "the next day");
    slots_list(v, "if_forecast");
    if (highest != NULL)
        page_station_slots(site, highest, slots_row(v, "if_forecast"));
    slots_if(v, "if_stations", site->n_stations > 0);
}

// The chart shown first is that of the station with the most forecasts that met their day.
static void
chart_slots(const struct site *site, struct slots *v)
{
    const struct station *first = NULL;
    for (size_t i = 0; i < site->n_stations; i++) {
        const struct station *t = &site->stations[i];
        if (chart_is_drawn(t) && (first == NULL || t->n_scored > first->n_scored))
            first = t;
    }
    slots_list(v, "if_chart");
    if (first != NULL)
        page_station_slots(site, first, slots_row(v, "if_chart"));
}

static bool
accuracy_slots(const struct site *site, struct slots *v)
{
    const struct rows *r =
        DB_QUERY(site->s, site->db, &sql_site_accuracy,
                 site->subject.model != NULL ? site->subject.model : "", site->as_of);
    if (r == NULL)
        return false;
    slots_list(v, "windows");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "windows");
        const double rmse = rows_number(r, i, "rmse"), before = rows_number(r, i, "rmse_before");
        const int64_t days = rows_int(r, i, "window_days");
        slots_html(row, "days", days == 1 ? "1 day" : scope_print(site->s, "%d days", (int)days));
        slots_int(row, "n", rows_int(r, i, "n"));
        slots_number(row, "rmse", rmse, 2);
        slots_number(row, "mae", rows_number(r, i, "mae"), 2);
        slots_number(row, "r2", rows_number(r, i, "r2"), 2);
        slots_number(row, "bias", rows_number(r, i, "bias"), 2);
        slots_number(row, "skill", 100 * rows_number(r, i, "skill"), 0);
        slots_number(row, "coverage", 100 * rows_number(r, i, "coverage"), 0);
        slots_number(row, "change", rmse - before, 2);
        slots_html(row, "move", !isfinite(before) ? "" : rmse < before ? "better" : "worse");
        slots_if(row, "if_before", isfinite(before));
    }
    slots_text(v, "accuracy_day", rows_count(r) > 0 ? rows_text(r, 0, "as_of") : "");
    slots_if(v, "if_accuracy", rows_count(r) > 0);
    slots_if(v, "if_accuracy_chart", site->has_accuracy_chart);
    return true;
}

static bool
jobs_slots(const struct site *site, struct slots *v)
{
    const struct rows *r = DB_QUERY(site->s, site->db, &sql_site_jobs, site->as_of);
    if (r == NULL)
        return false;
    slots_list(v, "jobs");
    for (size_t i = 0; i < rows_count(r); i++) {
        struct slots *row = slots_row(v, "jobs");
        const bool is_well = strcmp(rows_text(r, i, "state"), "finished") == 0;
        slots_text(row, "job", rows_text(r, i, "job"));
        slots_text(row, "job_as_of", rows_text(r, i, "as_of"));
        slots_text(row, "state", rows_text(r, i, "state"));
        slots_html(row, "state_class", is_well ? "ok" : "bad");
        slots_text(row, "finished_at", rows_text(r, i, "finished_at"));
        slots_number(row, "seconds", rows_number(r, i, "seconds"), 1);
    }
    return true;
}

bool
page_home(struct site *site)
{
    struct slots *v = slots_open(site->s);
    forecast_slots(site, v);
    map_slots(site, v);
    chart_slots(site, v);
    if (!page_candidates(site, site->subject.version_id, v) || !accuracy_slots(site, v) ||
        !jobs_slots(site, v) || !page_quality(site, v))
        return false;
    return page_write(site, "index.html", "home.html", "Tomorrow's air", "home", v);
}
