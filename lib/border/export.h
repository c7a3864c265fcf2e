// border/export.h: what MLflow's clients have here, written out into a folder.
//
//   experiments.jsonl runs.jsonl metrics.jsonl logged_models.jsonl models.jsonl versions.jsonl
//   artifacts.jsonl            {"path", "sha256"} of each file
//   artifacts/<path>           and the file
//
// One JSON object a line. Constant memory. An export that was cut short is made again, but for the
// artifacts that are there.
#ifndef BORDER_EXPORT_H
#define BORDER_EXPORT_H

#include "cli/progress.h"
#include "db/db.h"
#include "store/store.h"

#define EXPORT_TABLES 6

struct export_tally {
    const char *tables[EXPORT_TABLES]; // "experiments" …
    int64_t n_rows[EXPORT_TABLES];
    int64_t n_files, n_same, n_missing; // artifacts: written, there before, gone from the lake
};

// Writes everything, except artifacts where `has_files` is false.
//
//   errors  as file_error_kind says of the folder
bool export_folder(struct scope *s, struct db *db, struct store *store, const char *folder,
                   bool has_files, struct export_tally *out) MUST_CHECK;

#endif
