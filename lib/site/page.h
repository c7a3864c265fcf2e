// site/page.h: what all pages share: the rendering, its stations, and writing a page.
#ifndef SITE_PAGE_H
#define SITE_PAGE_H

#include "base/time.h"
#include "db/db.h"
#include "site/render.h"
#include "site/template.h"

#define SERIES_DAYS 365 // of a station's chart

struct point {       // one day of a station; NaN where there is nothing
    const char *day; // "2009-12-31"
    int at;          // days since the series began, 1 is its first
    double truth, value, lower, upper, persistence;
};

struct station {
    const char *site, *name; // the name falls back to the code
    const char *slug;        // safe in a file name and an address
    int64_t site_id, n_days;
    double latitude, longitude, last_value;
    const char *first_day, *last_day;
    int64_t silent_days; // between its last value and as_of
    const char *day;     // forecast, NULL when there is none
    const char *version, *made_at;
    double value, lower, upper;
    struct point *points;
    size_t n_points;
    size_t n_scored; // days of the series with a truth and a prediction
    double mae, rmse, bias, skill, coverage, persistence_mae;
};

struct subject {       // what the site is about
    const char *model; // in production, NULL when there is none
    const char *description, *version, *family, *reason, *trained, *promoted;
    int64_t version_id, parameter, retrain_days;
    const char *parameter_name, *unit;
    double coverage;
    const char *forecast_day; // NULL without a batch
};

struct site {
    struct scope *s;
    struct db *db;
    const struct render_request *request;
    const char *as_of;  // for statements
    char day[DAY_TEXT]; // of as_of
    struct subject subject;
    struct station *stations;
    size_t n_stations;
    const struct rows *models; // site_models
    bool has_accuracy_chart;   // of the subject
    bool has_network_chart;
    struct buf written; // "\n" before and after each path
    struct render_summary *summary;
};

// An embedded file's text; asserts that there is one.
const char *asset_text(const char *name);

// Writes a file below the site's folder unless it holds these bytes already, and notes that it
// belongs there.
bool page_put(struct site *site, const char *path, struct str bytes) MUST_CHECK;

// Fills the template www/<name> and the layout around it, and writes the page. `section` is the
// navigation's word for it.
bool page_write(struct site *site, const char *path, const char *name, const char *title,
                const char *section, struct slots *values) MUST_CHECK;

// A text's form in file names and addresses: letters, digits and "-_." stay, others become ~xx.
const char *page_slug(struct scope *s, const char *text);

// "2009-12-31" as "Thu 31 December 2009"; what is not a day stays as it is.
const char *page_day(struct scope *s, const char *day);

// Gives a station's code, name, address, forecast, last value and scores.
void page_station_slots(const struct site *site, const struct station *station, struct slots *v);

// Gives the list "candidates" of a version on held-out time, its parts and its interval.
bool page_candidates(struct site *site, int64_t version_id, struct slots *v) MUST_CHECK;

// Gives the list "checks": the quality gate's newest verdicts; page_gates also "gates", by subject
// with offending rows and the past runs.
bool page_quality(struct site *site, struct slots *v) MUST_CHECK;
bool page_gates(struct site *site, struct slots *v) MUST_CHECK;

// The pages, each a file.
bool page_home(struct site *site) MUST_CHECK;
bool page_stations(struct site *site) MUST_CHECK;
bool page_models(struct site *site) MUST_CHECK;
bool page_data(struct site *site) MUST_CHECK;

#endif
