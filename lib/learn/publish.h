// learn/publish.h: puts a version's folder where MLflow's client looks for it.
#ifndef LEARN_PUBLISH_H
#define LEARN_PUBLISH_H

#include "learn/package.h"
#include "registry/artifact.h"
#include "registry/version.h"

struct publication { // a folder whose files are in the lake, and have no paths yet
    size_t n;
    const char *names[PACKAGE_MOST];
    struct store_kept kept[PACKAGE_MOST];
    struct artifact_file artifact;
};

// Makes the files from the artifact in the store, and keeps them there.
bool publish_keep(struct scope *s, struct store *store, const char *artifact_key,
                  const struct package_about *about, struct publication *out) MUST_CHECK;

// Inside a transaction, gives them their paths below the version's source; none where that is kept
// elsewhere, as the artifacts of its experiment are.
bool publish_name(struct scope *s, const struct artifact_shelf *to, const struct version *v,
                  const struct publication *p) MUST_CHECK;

// Publishes a version that our own training made, again or for the first time.
//
//   errors  INPUT for a version of others, and one whose files are kept elsewhere
bool publish_version(struct scope *s, const struct artifact_shelf *to,
                     const struct version *v) MUST_CHECK;

#endif
