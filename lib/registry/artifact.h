// registry/artifact.h: files of runs, logged models and experiments, by path.
//
// A path (registry/artifact_path.h) is a name that may be put again and deleted; what it names is
// an object of the lake that never changes, "artifacts/mlflow/<aa>/<sha256>". An object is durable
// before a path refers to it; one that no path refers to any more is left to `airwatch lake
// expire`, which takes none that a put is about to refer to. Folders are there while files are in
// them. Paths are checked here, by all; who may do what is the caller's to ask.
#ifndef REGISTRY_ARTIFACT_H
#define REGISTRY_ARTIFACT_H

#include "db/db.h"
#include "registry/artifact_path.h"
#include "store/store.h"

#define ARTIFACT_PREFIX "artifacts/mlflow"

struct artifact_file { // a file
    const char *key, *sha256;
    int64_t size_bytes; // -1: the lake is asked when somebody wants to know
};

struct artifact_entry { // in a folder
    const char *name;
    bool is_folder;
    int64_t size_bytes; // of a file
};

struct artifact_shelf { // where artifacts are kept, and for whom
    struct db *db;
    struct store *store;
    const char *actor;
};

// Puts a file of known bytes, of a descriptor's to its end, or of an inlet's. One that is there is
// replaced. Constant memory; not inside a transaction.
//
//   errors  INPUT for a bad path, and one that goes through a file or names a folder; UNAVAILABLE
//   on
//           a full disk; what the inlet failed with. Then nothing has changed
bool artifact_put(struct scope *s, const struct artifact_shelf *to, const char *path,
                  struct str bytes) MUST_CHECK;
bool artifact_put_fd(struct scope *s, const struct artifact_shelf *to, const char *path,
                     int fd) MUST_CHECK;
bool artifact_put_inlet(struct scope *s, const struct artifact_shelf *to, const char *path,
                        const struct inlet *from) MUST_CHECK;

// Puts bytes in the lake alone; then, inside the caller's transaction, gives them a path, or
// several.
bool artifact_keep(struct scope *s, struct store *store, struct str bytes,
                   struct store_kept *out) MUST_CHECK;
bool artifact_name(struct scope *s, const struct artifact_shelf *to, const char *path,
                   const struct store_kept *kept) MUST_CHECK;

// Inside a transaction, keeps the lake's upkeep from an object until it ends, and has it there: it
// may have been there before it was kept, and on its way out.
bool artifact_hold(struct scope *s, const struct artifact_shelf *to,
                   const struct store_kept *kept) MUST_CHECK;

// Gives a path an object that something else holds in the lake, a version's say.
bool artifact_refer(struct scope *s, const struct artifact_shelf *to, const char *path,
                    const struct artifact_file *a) MUST_CHECK;

// Finds a file. `*is_folder` tells of a path that is none that files are in it.
bool artifact_find(struct scope *s, const struct artifact_shelf *in, const char *path,
                   bool *is_found, bool *is_folder, struct artifact_file *out) MUST_CHECK;

// Lists a folder ("" is the top) by names; nothing for one that is not there.
//
//   owner   the scope
bool artifact_list(struct scope *s, const struct artifact_shelf *in, const char *folder, size_t *n,
                   struct artifact_entry **out) MUST_CHECK;

// Deletes a file, or a folder with all below it; notes it in the audit. That nothing is there is no
// failure.
bool artifact_delete(struct scope *s, const struct artifact_shelf *in, const char *path) MUST_CHECK;

// Tells whose a path is; `*is_found` is false where no experiment has it.
bool artifact_experiment(struct scope *s, struct db *db, const char *path, bool *is_found,
                         int64_t *experiment_id) MUST_CHECK;

#endif
