#include "quality/usual.h"

#include <math.h>
#include <string.h>

#define MOST_DAYS 3650

const struct usual_bounds usual_bounds = {
    .fresh_days = 3,
    .completeness = 0.5,
    .range_share = 0.001,
    .flat_days = 7,
    .rows_at_least = 1000,
};

static bool
int_in(struct scope *s, const struct json *value, const char *key, int low, int high, int *out)
{
    int64_t x;
    if (!json_int(s, value, key, &x))
        return false;
    if (x < low || x > high)
        return fail(s, ERROR_INPUT, "%s is %lld, not within %d and %d", key, (long long)x, low,
                    high);
    *out = (int)x;
    return true;
}

static bool
share(struct scope *s, const struct json *value, const char *key, double *out)
{
    return json_number(s, value, key, out) &&
           ((*out >= 0 && *out <= 1) ||
            fail(s, ERROR_INPUT, "%s is %g, not within 0 and 1", key, *out));
}

bool
usual_bounds_read(struct scope *s, const struct json *value, const char *path,
                  struct usual_bounds *out)
{
    static const char *const known[] = {"fresh_days", "completeness",  "range_share",
                                        "flat_days",  "rows_at_least", NULL};
    return (json_keys_check(s, value, known) &&
            int_in(s, value, "fresh_days", 0, MOST_DAYS, &out->fresh_days) &&
            share(s, value, "completeness", &out->completeness) &&
            share(s, value, "range_share", &out->range_share) &&
            int_in(s, value, "flat_days", 2, MOST_DAYS, &out->flat_days) &&
            int_in(s, value, "rows_at_least", 1, 1000000000, &out->rows_at_least)) ||
           explain(s, "%s", path);
}

static const struct field *
column(const char *name)
{
    return relation_find(&relation_observations, name, strlen(name));
}

static struct expectation
expectation_new(enum expectation_kind kind, const char *name, bool is_fail, double mostly)
{
    return (struct expectation){
        .kind = kind,
        .name = name,
        .is_fail = is_fail,
        .mostly = mostly,
        .warn_below = NAN,
        .days = EXPECTATION_DAYS,
        .n_samples = 5,
        .column = column("value"),
    };
}

static void
observations_make(const struct usual_bounds *b, struct expectation out[8])
{
    struct expectation *x = out;
    *x = expectation_new(EXPECT_ROW_COUNT, "rows", true, 1);
    x->days = 0;
    x->low = (struct limit){.is_set = true, .number = b->rows_at_least};
    *++x = expectation_new(EXPECT_FRESHNESS, "freshness", true, 1);
    x->max_age_days = b->fresh_days;
    *++x = expectation_new(EXPECT_COMPLETENESS, "completeness", true, 0.5);
    x->warn_below = 0.8;
    x->share = b->completeness;
    x->active_days = 30;
    *++x = expectation_new(EXPECT_RANGE, "range", true, 1 - b->range_share);
    x->warn_below = 1;
    x->high = (struct limit){.is_set = true, .of = "high"};
    *++x = expectation_new(EXPECT_RANGE, "unit", true, 0.5); // the median: a wrong unit moves it
    x->low = (struct limit){.is_set = true, .is_open = true};
    x->high = (struct limit){.is_set = true, .of = "high"};
    *++x = expectation_new(EXPECT_UNIQUE, "duplicates", false, 1); // stations at one place
    x->n_keys = 4;
    x->keys[0] = column("latitude");
    x->keys[1] = column("longitude");
    x->keys[2] = column("day");
    x->keys[3] = column("poc");
    *++x = expectation_new(EXPECT_INSTRUMENTS, "instruments", false, 0.95);
    x->ratio = 1;
    *++x = expectation_new(EXPECT_FLAT_LINE, "flat", true, 0.9);
    x->warn_below = 1;
    x->run_days = b->flat_days;
    x->days = b->flat_days + b->fresh_days;
}

void
usual_make(struct scope *s, const struct relation *relation, const struct usual_bounds *bounds,
           struct quality_spec *out)
{
    const size_t n = relation->table == NULL ? 8 : 1;
    struct expectation *items = scope_array(s, n, sizeof *items);
    if (relation->table == NULL) {
        observations_make(bounds, items);
    } else {
        items[0] = expectation_new(EXPECT_ROW_COUNT, "rows", true, 1);
        items[0].low = (struct limit){.is_set = true, .number = 1};
        items[0].days = 0;
    }
    *out = (struct quality_spec){.n = n, .items = items};
}
