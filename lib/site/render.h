// site/render.h: the static site, generated from the database.
#ifndef SITE_RENDER_H
#define SITE_RENDER_H

#include "db/db.h"

struct render_request {
    const char *folder;    // the site's root; replaced file by file, each atomically
    const char *temporary; // a folder for chart data
    const char *gnuplot;   // the program
    int64_t as_of;
    bool is_quiet;
};

struct render_summary {
    size_t n_pages, n_charts;
    double seconds;
};

// Writes all pages and charts. The same database and as-of time give the same bytes.
bool site_render(struct scope *s, struct db *db, const struct render_request *request,
                 struct render_summary *out) MUST_CHECK;

#endif
