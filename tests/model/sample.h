// tests/model/sample.h: the shipped German sample as a panel, read by a reader of its own.
#ifndef TESTS_MODEL_SAMPLE_H
#define TESTS_MODEL_SAMPLE_H

#include "base/file.h"
#include "feature/feature.h"

#include "test.h"

struct sample_row {
    const char *site;
    struct day day;
    double value, longitude, latitude;
};

static inline int
sample_by_site(const void *a, const void *b)
{
    return strcmp(((const struct sample_row *)a)->site, ((const struct sample_row *)b)->site);
}

// station,date,pm10,lon,lat
static inline struct sample_row *
sample_rows(struct scope *s, size_t *n)
{
    struct str file;
    CHECK(file_read(s, "deploy/sample/pm10_germany_1998_2009.csv", 1 << 26, &file));
    struct sample_row *rows = scope_array(s, file.n / 20, sizeof *rows);
    char *at = strchr(scope_copy_n(s, file.at, file.n), '\n') + 1;
    *n = 0;
    while (*at != '\0') {
        struct sample_row *r = &rows[(*n)++];
        char *comma = strchr(at, ',');
        *comma = '\0';
        r->site = at;
        CHECK(day_read(comma + 1, 10, &r->day));
        r->value = strtod(comma + 12, &at);
        r->longitude = strtod(at + 1, &at);
        r->latitude = strtod(at + 1, &at);
        CHECK(*at == '\n');
        at++;
    }
    return rows;
}

static inline struct panel
sample_panel(struct scope *s)
{
    size_t n, n_sites = 0;
    struct sample_row *rows = sample_rows(s, &n);
    const char **sites = scope_array(s, n, sizeof *sites);
    struct day first = rows[0].day, last = rows[0].day;
    struct panel panel;
    qsort(rows, n, sizeof *rows, sample_by_site);
    for (size_t i = 0; i < n; i++) {
        first = rows[i].day.n < first.n ? rows[i].day : first;
        last = rows[i].day.n > last.n ? rows[i].day : last;
        if (i == 0 || strcmp(rows[i].site, rows[i - 1].site) != 0)
            sites[n_sites++] = rows[i].site;
    }
    CHECK(panel_open(s, first, last, n_sites, sites, &panel));
    for (size_t i = 0, k = 0; i < n; i++) {
        k += i > 0 && strcmp(rows[i].site, rows[i - 1].site) != 0;
        panel.value[(size_t)(rows[i].day.n - first.n) * n_sites + k] = rows[i].value;
        panel.latitude[k] = rows[i].latitude;
        panel.longitude[k] = rows[i].longitude;
    }
    return panel;
}

static inline struct recipe
sample_recipe(struct scope *s)
{
    struct recipe recipe;
    struct str text;
    CHECK(file_read(s, "deploy/models/pm-next-day.json", 1 << 20, &text));
    CHECK(recipe_read(s, text, &recipe));
    return recipe;
}

// The rows of target days from..to, with features fitted up to `fitted`.
static inline struct design
sample_design(struct scope *s, const struct feature_set *f, const struct panel *panel,
              struct day from, struct day to)
{
    struct design out;
    CHECK(feature_design(s, feature_view_open(s, f, panel), from, to, &out));
    return out;
}

#endif
