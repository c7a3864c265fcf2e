#include "site/page.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "aqs/aqi.h"
#include "base/file.h"
#include "site/asset.h"

#define PAGE_LIMIT_BYTES (8u << 20)

const char *
asset_text(const char *name)
{
    const struct asset *asset = site_assets;
    while (asset->name != NULL && strcmp(asset->name, name) != 0)
        asset++;
    assert(asset->name != NULL);
    return asset->bytes;
}

bool
page_put(struct site *site, const char *path, struct str bytes)
{
    struct scope one = {0}; // a file that is not there yet is no failure
    struct str old = {0};
    const char *full = scope_print(&one, "%s/%s", site->request->folder, path);
    const bool is_same = file_read(&one, full, PAGE_LIMIT_BYTES, &old) && old.n == bytes.n &&
                         memcmp(old.at, bytes.at, bytes.n) == 0;
    scope_forgive(&one);
    bool ok = is_same || file_write(&one, full, bytes, 0644);
    if (!ok)
        ok = fail_as(site->s, &one);
    scope_close(&one);
    buf_text(&site->written, path);
    buf_char(&site->written, '\n');
    return ok;
}

static void
layout_slots(const struct site *site, struct slots *v, const char *title, const char *section)
{
    const char *const here = "aria-current=\"page\"";
    slots_text(v, "title", title);
    slots_html(v, "home", strcmp(section, "home") == 0 ? here : "");
    slots_html(v, "data", strcmp(section, "data") == 0 ? here : "");
    slots_list(v, "nav_models");
    for (size_t i = 0; i < rows_count(site->models); i++) {
        const char *model = rows_text(site->models, i, "model");
        struct slots *row = slots_row(v, "nav_models");
        slots_text(row, "nav_model", model);
        slots_text(row, "nav_slug", page_slug(site->s, model));
        slots_html(row, "nav_current", strcmp(section, model) == 0 ? here : "");
    }
}

// "ug/m3" as people write it.
static const char *
unit_shown(struct scope *s, const char *unit)
{
    return strncmp(unit, "ug/m3", 5) == 0 ? scope_print(s, "µg/m³%s", unit + 5) : unit;
}

// Gives the slots of the subject and of as_of that every page may use.
static void
subject_slots(const struct site *site, struct slots *v)
{
    const struct subject *x = &site->subject;
    const bool has_model = x->model != NULL;
    slots_text(v, "as_of_day", page_day(site->s, site->day));
    slots_text(v, "as_of_iso", site->day);
    slots_text(v, "unit", unit_shown(site->s, x->unit));
    slots_text(v, "parameter", x->parameter_name);
    slots_if(v, "if_model", has_model);
    slots_if(v, "if_no_model", !has_model);
    slots_text(v, "model", has_model ? x->model : "");
    slots_text(v, "model_slug", has_model ? page_slug(site->s, x->model) : "");
    slots_text(v, "description", has_model ? x->description : "");
    slots_text(v, "version", has_model ? x->version : "");
    slots_text(v, "family", has_model ? x->family : "");
    slots_text(v, "reason", has_model ? x->reason : "");
    slots_text(v, "trained", has_model ? x->trained : "");
    slots_int(v, "retrain_days", x->retrain_days);
    slots_number(v, "band", 100 * x->coverage, 0);
}

bool
page_write(struct site *site, const char *path, const char *name, const char *title,
           const char *section, struct slots *values)
{
    struct buf body = buf_open(site->s, 65536), page = buf_open(site->s, 65536);
    subject_slots(site, values);
    if (!template_fill(site->s, name, asset_text(name), values, &body))
        return false;
    slots_html(values, "body", body.text);
    layout_slots(site, values, title, section);
    if (!template_fill(site->s, "layout.html", asset_text("layout.html"), values, &page))
        return false;
    site->summary->n_pages++;
    return page_put(site, path, (struct str){page.text, page.n});
}

const char *
page_slug(struct scope *s, const char *text)
{
    struct buf slug = buf_open(s, strlen(text) + 1);
    for (const char *c = text; *c != '\0' && slug.n < 180; c++)
        if (isalnum((unsigned char)*c) || *c == '-' || *c == '_' || (*c == '.' && c != text))
            buf_char(&slug, *c);
        else
            buf_print(&slug, "~%02x", (unsigned)(unsigned char)*c);
    return slug.text;
}

const char *
page_day(struct scope *s, const char *day)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct day d;
    int y, m, of_month;
    if (!day_read(day, strlen(day), &d))
        return day;
    day_parts(d, &y, &m, &of_month);
    return scope_print(s, "%s %d %s %d", weekdays[day_of_week(d)], of_month, months[m - 1], y);
}

// Gives the slots aqi, category, class and advice of a value; an en dash where it has no index.
static void
aqi_slots(const struct site *site, struct slots *v, double value)
{
    struct aqi aqi;
    if (!aqi_of((int)site->subject.parameter, value, &aqi)) {
        slots_html(v, "aqi", "–");
        slots_html(v, "category", "no index");
        slots_html(v, "class", "aqi-none");
        slots_html(v, "advice", "");
        return;
    }
    static const struct {
        int most;
        const char *class, *advice;
    } levels[] = {
        {50, "aqi-good", "Air quality is satisfactory; it poses little or no risk."},
        {100, "aqi-moderate",
         "Acceptable; unusually sensitive people may take it easier outdoors."},
        {150, "aqi-sensitive", "Sensitive groups should make outdoor activities shorter."},
        {200, "aqi-unhealthy", "Everyone should reduce long or intense activity outdoors."},
        {300, "aqi-very", "Everyone should avoid long or intense activity outdoors."},
        {INT32_MAX, "aqi-hazardous", "Everyone should stay indoors and keep activity low."},
    };
    size_t i = 0;
    while (aqi.index > levels[i].most)
        i++;
    slots_html(v, "aqi", scope_print(site->s, "%d", aqi.index));
    slots_text(v, "category", aqi.category);
    slots_html(v, "class", levels[i].class);
    slots_html(v, "advice", levels[i].advice);
}

void
page_station_slots(const struct site *site, const struct station *station, struct slots *v)
{
    const int digits = site->subject.parameter == 44201 ? 3 : 1; // ppm need more
    slots_text(v, "site", station->site);
    slots_text(v, "name", station->name);
    slots_text(v, "slug", station->slug);
    slots_number(v, "latitude", fabs(station->latitude), 2);
    slots_text(v, "north", station->latitude < 0 ? "S" : "N");
    slots_number(v, "longitude", fabs(station->longitude), 2);
    slots_text(v, "east", station->longitude < 0 ? "W" : "E");
    slots_if(v, "if_live", station->day != NULL);
    slots_if(v, "if_named", strcmp(station->name, station->site) != 0);
    slots_int(v, "n_days", station->n_days);
    slots_text(v, "first_day", station->first_day);
    slots_text(v, "last_day", station->last_day);
    slots_number(v, "last_value", station->last_value, digits);
    slots_number(v, "value", station->value, digits);
    slots_number(v, "lower", station->lower, digits);
    slots_number(v, "upper", station->upper, digits);
    slots_int(v, "n_scored", (int64_t)station->n_scored);
    slots_number(v, "mae", station->mae, digits);
    slots_number(v, "rmse", station->rmse, digits);
    slots_number(v, "bias", station->bias, digits);
    slots_number(v, "skill", 100 * station->skill, 0);
    slots_number(v, "coverage", 100 * station->coverage, 0);
    slots_number(v, "persistence_mae", station->persistence_mae, digits);
    aqi_slots(site, v, station->value);
}
