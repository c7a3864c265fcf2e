// jobs/model.h: what the files of `airwatch model` share.
#ifndef JOBS_MODEL_H
#define JOBS_MODEL_H

#include "jobs/job.h"

// model_show.c: model list, show MODEL, lineage MODEL VERSION, compare MODEL A B
bool model_list_show(struct scope *s, struct job *job);
bool model_show(struct scope *s, struct job *job, const char *version);
bool model_lineage(struct scope *s, struct job *job);
bool model_compare(struct scope *s, struct job *job);

// comparison_say.c: two runs side by side, for people
struct track_comparison;
void comparison_say(const struct job *job, const struct track_comparison *c);

// Gives the versions that were trained here, or the `wanted` one, the files that MLflow's client
// opens.
bool model_publish(struct scope *s, struct job *job, const char *wanted);

#endif
