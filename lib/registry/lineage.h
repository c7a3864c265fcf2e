// registry/lineage.h: where a version came from and what became of it:
// dataset version -> run -> version -> releases -> predictions.
#ifndef REGISTRY_LINEAGE_H
#define REGISTRY_LINEAGE_H

#include "registry/version.h"

struct lineage {                    // of one version; rows belong to the scope
    const struct rows *origin;      // one: dataset and run; NULL where the version has none
    const struct rows *releases;    // each move between stages, oldest first
    const struct rows *predictions; // counts by kind, of the time since it went into production
    const struct rows *accuracy;    // one, or none yet: outcomes and the newest accuracy
};

bool lineage_read(struct scope *s, struct db *db, const struct version *v,
                  struct lineage *out) MUST_CHECK;

// Writes the lineage as one object: dataset, run, releases, predictions.
void lineage_write(struct json_writer *w, const struct version *v, const struct lineage *lineage);

#endif
