// jobs/lake.h: what `airwatch lake` does; its first word chooses.
#ifndef JOBS_LAKE_H
#define JOBS_LAKE_H

#include "jobs/job.h"

struct lake_choices {
    const char *from, *to, *out, *prefix, *keep;
    int64_t older_days, n_threads;
    bool is_long, adopts, mends, takes_used;
};

bool lake_list(struct scope *s, struct job *job, const struct lake_choices *c);
bool lake_get(struct scope *s, struct job *job, const struct lake_choices *c);
bool lake_put(struct scope *s, struct job *job, const struct lake_choices *c);
bool lake_sync(struct scope *s, struct job *job, const struct lake_choices *c);
bool lake_verify(struct scope *s, struct job *job, const struct lake_choices *c);
bool lake_expire(struct scope *s, struct job *job, const struct lake_choices *c);
bool lake_policy(struct scope *s, struct job *job, const struct lake_choices *c);

#endif
