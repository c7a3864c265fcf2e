// border/import.h: what another MLflow server has, brought here.
//
// Experiments, their runs with all histories, inputs and artifacts, logged models, registered
// models with versions, tags and aliases. Names, times, states and, where they are free, ids are
// kept. What has been brought is noted by its id there (ml.imported): a run that was cut short goes
// on where it was, and what is there whole is not asked for again, but for runs that were still
// running. Nothing of this server's own is changed but experiments of the same name, which are
// taken for one.
#ifndef BORDER_IMPORT_H
#define BORDER_IMPORT_H

#include "border/remote.h"
#include "cli/progress.h"
#include "db/db.h"
#include "store/store.h"

struct import_wish {
    struct remote *from;
    const char *experiment; // this one alone, without the registry's models; NULL: all
    const char *actor;
    bool is_dry_run; // asks and counts, changes nothing
    bool is_quiet;
};

enum import_kind {
    IMPORT_EXPERIMENT,
    IMPORT_RUN,
    IMPORT_LOGGED_MODEL,
    IMPORT_MODEL,
    IMPORT_VERSION,
    IMPORT_FILE,
    IMPORT_KINDS
};

#define IMPORT_REASONS 200 // that are told

struct import_tally {
    int64_t n_created[IMPORT_KINDS], n_same[IMPORT_KINDS], n_skipped[IMPORT_KINDS];
    int64_t n_points, n_bytes; // of metrics, of files
    size_t n_reasons;
    struct {
        enum import_kind kind;
        const char *id, *why;
    } reasons[IMPORT_REASONS];
};

// "experiments", "runs", …
const char *import_kind_name(enum import_kind kind);

// Brings everything. What failed half-way is in the tally, too.
//
//   errors  UNAVAILABLE, DENIED, MISSING for the server or the experiment; of single things that
//           cannot be brought there is a reason in the tally
bool import_run(struct scope *s, struct db *db, struct store *store, const struct import_wish *wish,
                struct import_tally *out) MUST_CHECK;

#endif
