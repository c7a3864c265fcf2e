#include "learn/split.h"

bool
split_make(struct scope *s, const struct recipe *recipe, const struct panel *panel,
           struct day as_of, struct split *out)
{
    const struct day tested = day_add(as_of, -recipe->test_days);
    const struct day calibrated = day_add(tested, -recipe->calibrate_days);
    const struct day first = day_add(panel->first, recipe->horizon_days);
    char from[DAY_TEXT], to[DAY_TEXT];

    *out = (struct split){
        .train = {first, calibrated},
        .calibrate = {day_add(calibrated, 1), tested},
        .test = {day_add(tested, 1), as_of},
    };
    if (calibrated.n >= first.n)
        return true;
    return fail(s, ERROR_INPUT,
                "too little data: observations from %s to %s leave no day to train on beside %d "
                "days to calibrate and %d to test",
                day_format(panel->first, from), day_format(as_of, to), recipe->calibrate_days,
                recipe->test_days);
}

// The first row whose target day is `d` or later.
static size_t
row_find(const struct design *design, struct day d)
{
    size_t low = 0, high = design->n_rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (design->target[middle].n < d.n)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct design
design_slice(const struct design *d, struct span span)
{
    const size_t from = row_find(d, span.from), to = row_find(d, day_add(span.to, 1));
    return (struct design){
        .n_rows = to > from ? to - from : 0,
        .n_features = d->n_features,
        .X = d->X + from * d->n_features,
        .y = d->y + from,
        .persistence = d->persistence + from,
        .climatology = d->climatology + from,
        .target = d->target + from,
        .site = d->site + from,
    };
}

bool
split_check(struct scope *s, const char *name, struct span span, const struct design *part)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    if (part->n_rows >= SPLIT_ROWS)
        return true;
    return fail(s, ERROR_INPUT,
                "too little data to %s: %zu rows from %s to %s have a value on the day and on its "
                "origin, at least %d are needed",
                name, part->n_rows, day_format(span.from, from), day_format(span.to, to),
                SPLIT_ROWS);
}
