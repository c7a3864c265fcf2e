// quality/history.h: the reports of past runs, as rows, as JSON and in the lake.
#ifndef QUALITY_HISTORY_H
#define QUALITY_HISTORY_H

#include "quality/quality.h"

// Puts a report's document into the lake, under
// "monitoring_reports/quality/<subject>/<as of>-<its sha256's first 12>.json", and its rows into
// the database. Fills in quality_id and key.
bool history_keep(struct scope *s, struct db *db, struct store *store,
                  struct quality_report *report) MUST_CHECK;

// Writes a report as one JSON object, the document of the lake and of the API but for the id.
void history_document(const struct quality_report *report, struct json_writer *w);

// Finds the newest runs, of a subject or of all (NULL), from before an id on (NULL: the newest):
// quality_id, subject, target, as_of, ran_at, verdict, n_checks, n_warnings, n_failures, seconds,
// key.
struct rows *history_find(struct scope *s, struct db *db, const char *subject, const char *before,
                          const char *limit) MUST_CHECK;

// Writes them as a list of objects, without their expectations.
void history_list(const struct rows *runs, struct json_writer *w);

// Writes one run with its expectations.
//
//   errors  MISSING when there is none
bool history_show(struct scope *s, struct db *db, int64_t quality_id,
                  struct json_writer *w) MUST_CHECK;

#endif
