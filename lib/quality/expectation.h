// quality/expectation.h: what is expected of the data, as a recipe declares it.
//
// EXPECTATIONS.md, beside this file, is the manual for those who write them. Unknown keys, kinds
// and columns are errors that name the JSON path.
#ifndef QUALITY_EXPECTATION_H
#define QUALITY_EXPECTATION_H

#include "quality/condition.h"
#include "text/json.h"

#define EXPECTATIONS_MOST 100
#define EXPECTATION_KEYS 8     // columns of a unique key
#define EXPECTATION_VALUES 200 // allowed values
#define EXPECTATION_DAYS 90    // looked back, unless it says otherwise

enum expectation_kind {
    EXPECT_ROW_COUNT,
    EXPECT_COMPLETENESS,
    EXPECT_FRESHNESS,
    EXPECT_RANGE,
    EXPECT_NULL_SHARE,
    EXPECT_UNIQUE,
    EXPECT_ALLOWED_VALUES,
    EXPECT_DISTINCT_SHARE,
    EXPECT_FLAT_LINE,
    EXPECT_JUMP,
    EXPECT_DISTRIBUTION_SHIFT,
    EXPECT_SCHEMA,
    EXPECT_INSTRUMENTS,
    EXPECT_KINDS
};

struct limit {
    bool is_set, is_open; // open: the number itself is outside
    double number;
    const char *of; // "floor", "ceiling" or "high" of the parameter instead of the number, or NULL
};

struct expectation {
    enum expectation_kind kind;
    const char *name;
    bool is_fail;      // severity: fail, else warn
    double mostly;     // share of the counted that must hold
    double warn_below; // warns below this share though the gate holds; NaN for none
    const char *where; // as it was written; NULL for all rows
    const struct condition *condition;
    int days;                   // looked back; 0 for all
    int n_samples;              // offending rows shown, at most
    const struct field *column; // looked at
    const struct field *by;     // one verdict for each of its values; NULL for one in all
    struct limit low, high;     // row_count, range, null_share (high), distinct_share
    size_t n_keys, n_values;    // unique, allowed_values
    const struct field *keys[EXPECTATION_KEYS];
    const char **values;
    double share, overall;         // completeness: of each, and of all expected site-days
    int active_days;               // completeness: a value within them makes a station active
    bool is_by_day;                // completeness: of days, not of stations
    int max_age_days;              // freshness
    int run_days;                  // flat_line
    bool is_previous;              // jump: against the station's own day before
    double z, floor;               // jump; floor NaN for a 500th of the parameter's high
    double within_km;              // jump: how far neighbours may be,
    int nearest, at_least;         //   how many are asked, how many must have answered
    int reference_days;            // distribution_shift: before the days looked at
    double psi_max, ks_max, p_min; // NaN for what is not judged
    const char *unit;              // schema: the parameter's; NULL for any
    size_t n_units;                // schema: of a table's columns
    const char **unit_names, **units;
    size_t n_columns; // schema: wanted
    const struct field *columns;
    bool is_exact; // schema: no further columns
    double ratio;  // instruments: largest difference, in means of the two
};

struct quality_spec {
    size_t n;
    const struct expectation *items;
};

// Reads the expectations at a path, "quality": a list of them; or, as recipes had it before, an
// object of five bounds, which stands for the usual eight checks; or nothing, for the usual ones
// of the relation.
//
//   owner   the scope
//   errors  INPUT naming the path of what is wrong
bool quality_spec_read(struct scope *s, const struct json *root, const char *path,
                       const struct relation *relation, struct quality_spec *out) MUST_CHECK;

// "row_count", "completeness", …
const char *expectation_kind_name(enum expectation_kind kind);

#endif
