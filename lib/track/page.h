// track/page.h: what is searched for, and which page of it.
#ifndef TRACK_PAGE_H
#define TRACK_PAGE_H

#include "db/statement.h"
#include "track/filter.h"

enum track_view { // as the protocol numbers them
    TRACK_VIEW_ACTIVE = 1,
    TRACK_VIEW_DELETED = 2,
    TRACK_VIEW_ALL = 3
};

struct track_page {
    const char *filter; // NULL for none
    size_t n_orders;
    const char *const *orders;
    enum track_view view;
    int64_t offset, limit;
    const char *principal; // what is hidden from them is left out; NULL leaves nothing out
};

// Adds " AND <column> <operator> <value>" for a clause about a column: our own words.
#define CLAUSE_WRITE(st, out, column, clause) clause_write((st), (out), "" column "", (clause))
void clause_write(struct statement *st, struct buf *out, const char *column,
                  const struct filter_clause *clause);

// The same without " AND ".
void comparison_write(struct statement *st, struct buf *out, const char *column,
                      const struct filter_clause *clause);

#endif
