#include "score/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

double
interval_scale(double guess, double floor)
{
    return fmax(floor, fabs(guess));
}

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool
interval_calibrate(struct scope *s, size_t n, const double truth[], const double guess[],
                   double floor, double coverage, double *factor)
{
    assert(floor > 0);
    assert(coverage > 0 && coverage < 1);
    double *scaled = scope_array(s, n, sizeof *scaled);
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(truth[i]) && isfinite(guess[i]))
            scaled[n_kept++] = fabs(truth[i] - guess[i]) / interval_scale(guess[i], floor);

    const double rank = ceil(((double)n_kept + 1) * coverage);
    if (rank > (double)n_kept)
        return fail(s, ERROR_INPUT, "cannot promise an interval of %g %% coverage from %zu rows",
                    coverage * 100, n_kept);
    qsort(scaled, n_kept, sizeof *scaled, by_size);
    *factor = scaled[(size_t)rank - 1];
    return true;
}

void
interval_add(struct interval_tally *t, double truth, double lower, double upper)
{
    if (!isfinite(truth) || !isfinite(lower) || !isfinite(upper))
        return;
    t->n++;
    t->n_inside += truth >= lower && truth <= upper;
    t->width_sum += upper - lower;
}

double
interval_coverage(const struct interval_tally *t)
{
    return t->n > 0 ? (double)t->n_inside / (double)t->n : NAN;
}

double
interval_mean_width(const struct interval_tally *t)
{
    return t->n > 0 ? t->width_sum / (double)t->n : NAN;
}
