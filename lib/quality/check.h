// quality/check.h: expectations while they are held against the data; for this room only.
#ifndef QUALITY_CHECK_H
#define QUALITY_CHECK_H

#include "quality/expectation.h"
#include "quality/quality.h"
#include "quality/statement.h"

struct suite { // what the checks of one run share
    struct scope *s;
    struct db *db;
    const struct relation *relation;
    const char *parameter; // as a value; NULL for a table
    struct day today;
    const char *today_text;
    size_t n;
    struct quality_check *checks;
};

// The fragments of a statement that most have: the relation's rows from `since` on (all before the
// first day: "-infinity"), where the condition (or NULL) holds; a column; "column IS NOT NULL".
const char *check_rows(const struct suite *suite, struct statement *st, const char *since,
                       const struct condition *condition);
const char *check_column(struct scope *s, const struct field *column);
const char *check_is_there(struct scope *s, const struct field *column);

// The day before the first of those that an expectation looks at.
const char *check_since(const struct suite *suite, int days);

// What a limit is: "$n", or the parameter's.
void check_limit(const struct suite *suite, struct statement *st, const struct limit *limit,
                 struct buf *out);

// Settles a check of which n_bad of n_rows do not hold: observed is the share that holds.
void check_share(struct quality_check *c, int64_t n_rows, int64_t n_bad);

// Settles the verdict: it holds, or holds with a warning, or not.
void check_settle(struct quality_check *c, bool holds, bool is_worrying);

// Writes a share as percent, with as many digits as tell it from all and none.
const char *check_percent(struct scope *s, double share);

// The checks, each with its words; check_scan takes all that one pass can answer.
bool check_is_scan(const struct expectation *x);
bool check_scan(struct suite *suite) MUST_CHECK;
bool check_row_count(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_row_count_by(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_freshness_by(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_distinct_share(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_unique(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_completeness(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_instruments(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_flat_line(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_jump(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_distribution_shift(struct suite *suite, struct quality_check *c) MUST_CHECK;
bool check_schema(struct suite *suite, struct quality_check *c) MUST_CHECK;

#endif
