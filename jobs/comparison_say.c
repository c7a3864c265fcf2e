#include <string.h>

#include "jobs/model.h"
#include "track/compare.h"

void
comparison_say(const struct job *job, const struct track_comparison *c)
{
    for (size_t i = 0; i < c->n_params; i++) {
        const struct track_difference *d = &c->params[i];
        const bool is_same = d->a != NULL && d->b != NULL && strcmp(d->a, d->b) == 0;
        job_say(job, "%-32s %24s %24s%s", d->key, d->a == NULL ? "-" : d->a,
                d->b == NULL ? "-" : d->b, is_same ? "" : "  *");
    }
    for (size_t i = 0; i < c->n_metrics; i++) {
        const struct track_difference *d = &c->metrics[i];
        job_say(job, "%-32s %24.6g %24.6g  %+.4g", d->key, d->x, d->y, d->y - d->x);
    }
}
