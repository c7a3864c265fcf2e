// track/limit.h: what names and values MLflow's clients may give.
//
//   source  MLflow's validation rules; lengths are counted in characters, not bytes
#ifndef TRACK_LIMIT_H
#define TRACK_LIMIT_H

#include "base/buf.h"

#define LIMIT_KEY 250             // of a metric, param or tag
#define LIMIT_PARAM 6000          // a longer value is cut
#define LIMIT_TAG 8000            // likewise
#define LIMIT_EXPERIMENT_TAG 5000 // a longer one is refused
#define LIMIT_EXPERIMENT_NAME 500
#define LIMIT_RUN_NAME 250
#define LIMIT_LOCATION 2048

// How many characters a UTF-8 text has.
size_t limit_length(const char *text);

// Refuses a text of more than `most` characters: 'name' exceeds the maximum length of N characters.
bool limit_check(struct scope *s, const char *name, size_t most, const char *text) MUST_CHECK;

// The text, or its first `most` characters.
const char *limit_cut(struct scope *s, size_t most, const char *text);

// Refuses a key that has characters of other kinds than letters, digits, "_-./: ", or would be
// another one as a file's path; `path` says where it stood ("metrics[0].name"), `what` what it is.
//
//   errors  INPUT
bool limit_key(struct scope *s, const char *what, const char *path, const char *key) MUST_CHECK;

// The same for the i-th of a list: "params[3].key"; `list` is NULL for one that stands alone.
bool limit_key_at(struct scope *s, const char *what, const char *list, size_t i, const char *name,
                  const char *key) MUST_CHECK;

// Fails with INPUT: Invalid value "…" for parameter 'path' supplied: why. Returns false.
bool limit_fail(struct scope *s, const char *path, const char *value, const char *why);

// Refuses what is not a run's id; it may yet be none that there is.
bool limit_run_id(struct scope *s, const char *path, const char *run_id) MUST_CHECK;

// Reads an experiment's number.
//
//   errors  INPUT for other text
bool limit_experiment_id(struct scope *s, const char *text, int64_t *out) MUST_CHECK;

// Refuses a location for artifacts that would lead elsewhere than it seems to.
bool limit_location(struct scope *s, const char *location) MUST_CHECK;

#endif
