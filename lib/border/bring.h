// border/bring.h: the parts of an import; for the room's own files.
#ifndef BORDER_BRING_H
#define BORDER_BRING_H

#include "border/import.h"
#include "registry/artifact.h"

struct import {
    struct db *db;
    struct artifact_shelf shelf;
    const struct import_wish *wish;
    struct remote *from;
    struct import_tally *tally;
    struct scope *told; // what the tally's texts live in
    struct progress *progress;
    int64_t n_moved;
};

struct import_folder { // of artifacts, there and here
    enum import_kind of;
    const char *id;       // there
    const char *location; // there
    const char *folder;   // here
};

// Counts a thing that was not brought, and keeps the reason.
void import_skip(struct import *im, enum import_kind kind, const char *id, const char *why);

// Of work on a single thing that failed in its own scope: counts it as skipped where the thing is
// to blame; else fails as it did.
bool import_pass(struct scope *s, struct import *im, enum import_kind kind, const char *id,
                 const struct scope *failed) MUST_CHECK;

void import_count(struct import *im, enum import_kind kind, bool is_new, const char *note);

// The runs of an experiment; its logged models; a thing's files; the registry.
bool import_runs(struct scope *s, struct import *im, const char *source_id,
                 const char *experiment_id) MUST_CHECK;
bool import_logged_models(struct scope *s, struct import *im, const char *source_id,
                          const char *experiment_id) MUST_CHECK;
bool import_files(struct scope *s, struct import *im, const struct import_folder *f) MUST_CHECK;
bool import_models(struct scope *s, struct import *im) MUST_CHECK;

#endif
