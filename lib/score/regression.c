#include "score/regression.h"

#include <assert.h>
#include <math.h>

void
regression_add(struct regression *r, double truth, double guess)
{
    if (!isfinite(truth) || !isfinite(guess)) {
        r->n_skipped++;
        return;
    }
    const double miss = truth - guess;
    const double step = truth - r->mean;

    r->n++;
    r->sum -= miss;
    r->abs_sum += fabs(miss);
    r->sq_sum += miss * miss;
    r->mean += step / (double)r->n;
    r->spread += step * (truth - r->mean); // one factor from each side of the update
}

void
regression_merge(struct regression *into, const struct regression *from)
{
    assert(into != from);
    into->n_skipped += from->n_skipped;
    if (from->n == 0)
        return;
    const double a = (double)into->n, b = (double)from->n;
    const double gap = from->mean - into->mean;

    into->n += from->n;
    into->sum += from->sum;
    into->abs_sum += from->abs_sum;
    into->sq_sum += from->sq_sum;
    into->mean += gap * b / (a + b);
    into->spread += from->spread + gap * gap * a * b / (a + b);
}

bool
regression_summarise(struct scope *s, const struct regression *r, struct regression_summary *out)
{
    if (r->n == 0)
        return fail(s, ERROR_INPUT, "no finite pair to score (%zu skipped)", r->n_skipped);
    const double n = (double)r->n;
    const double mse = r->sq_sum / n;

    *out = (struct regression_summary){
        .n = r->n,
        .bias = r->sum / n,
        .mae = r->abs_sum / n,
        .mse = mse,
        .rmse = sqrt(mse),
        .r2 = r->spread > 0 ? 1 - r->sq_sum / r->spread : NAN, // undefined for constant truth
    };
    return true;
}

double
regression_skill(const struct regression *r, const struct regression *reference)
{
    if (r->n == 0 || reference->n == 0 || reference->sq_sum <= 0)
        return NAN;
    return 1 - r->sq_sum / (double)r->n / (reference->sq_sum / (double)reference->n);
}
