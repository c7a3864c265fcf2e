#include <math.h>

#include "base/buf.h"
#include "learn/candidate.h"

// How many percent `worse` lies above `better`.
static double
percent_above(double worse, double better)
{
    return (worse / better - 1) * 100;
}

// Fills in each candidate's gap and whether it may be chosen.
static void
gaps_find(struct contest *c)
{
    const struct candidate *persistence = &c->candidates[0];
    const double harder = fmax(1, persistence->validation_rmse / persistence->train_rmse);
    for (size_t i = 0; i < c->n; i++) {
        struct candidate *one = &c->candidates[i];
        one->gap = one->validation_rmse / one->train_rmse / harder;
        one->is_eligible = !one->is_learnt || one->gap <= c->recipe->gap_limit;
    }
}

// The eligible candidate with the lowest validation RMSE, other than `except`; the simpler of two
// equal ones. c->n if there is none.
static size_t
best_find(const struct contest *c, size_t except)
{
    size_t best = c->n;
    for (size_t i = 0; i < c->n; i++) {
        const struct candidate *one = &c->candidates[i];
        if (i == except || !one->is_eligible)
            continue;
        if (best == c->n || one->validation_rmse < c->candidates[best].validation_rmse)
            best = i;
    }
    return best;
}

// Says how the chosen one stands to the one it was chosen over.
static void
comparison_say(struct buf *out, const struct contest *c, size_t best)
{
    const struct candidate *chosen = &c->candidates[c->chosen], *other;
    buf_print(out, "%s: validation RMSE %.4g", chosen->family, chosen->validation_rmse);
    if (c->chosen != best) {
        other = &c->candidates[best];
        buf_print(out,
                  " is %.2g %% above %s's %.4g, within the %g %% that a simpler family is allowed",
                  percent_above(chosen->validation_rmse, other->validation_rmse), other->family,
                  other->validation_rmse, CHOICE_MARGIN * 100);
        return;
    }
    const size_t next = best_find(c, c->chosen);
    if (next == c->n)
        return;
    other = &c->candidates[next];
    buf_print(out, " beats %s's %.4g by %.2g %%", other->family, other->validation_rmse,
              percent_above(other->validation_rmse, chosen->validation_rmse));
    if (next < c->chosen)
        buf_print(out, ", more than the %g %% that a simpler family is allowed",
                  CHOICE_MARGIN * 100);
}

static const char *
reason_write(struct scope *s, const struct contest *c, size_t best)
{
    const struct candidate *chosen = &c->candidates[c->chosen];
    struct buf out = buf_open(s, 256);
    comparison_say(&out, c, best);
    if (chosen->is_learnt)
        buf_print(&out, "; gap %.2f <= %g", chosen->gap, c->recipe->gap_limit);
    for (size_t i = 0; i < c->n; i++)
        if (!c->candidates[i].is_eligible)
            buf_print(&out, "; %s overfits and is not eligible: gap %.2f > %g",
                      c->candidates[i].family, c->candidates[i].gap, c->recipe->gap_limit);
    return out.text;
}

void
contest_choose(struct scope *s, struct contest *c)
{
    gaps_find(c);
    const size_t best = best_find(c, c->n); // the baselines are eligible: there is one
    const double allowed = c->candidates[best].validation_rmse * (1 + CHOICE_MARGIN);
    c->chosen = 0;
    while (!c->candidates[c->chosen].is_eligible ||
           c->candidates[c->chosen].validation_rmse > allowed)
        c->chosen++;
    c->candidates[c->chosen].is_chosen = true;
    c->reason = reason_write(s, c, best);
}
