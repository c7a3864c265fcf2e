// jobs/source.h: what the jobs that read sources share.
#ifndef JOBS_SOURCE_H
#define JOBS_SOURCE_H

#include "aqs/ingest.h"
#include "jobs/job.h"
#include "source/source.h"

// Reads a source of that name, and reports how far that came even when it fails. Without a backfill
// the span's last day is the as-of day.
bool job_source_read(struct scope *s, struct job *job, const char *name,
                     const struct source_span *span, bool is_afresh) MUST_CHECK;

// Brings what is at an address, or the answer to an AQS query, where one of them is given; names it
// without credentials.
bool job_fetch(struct scope *s, const struct job *job, const char *url, const char *aqs,
               struct ingest_request *out) MUST_CHECK;

// Reports: all sources, one with its units and what is due, and whether one can be read.
bool job_source_list(struct scope *s, struct job *job) MUST_CHECK;
bool job_source_show(struct scope *s, struct job *job, const char *name) MUST_CHECK;
bool job_source_test(struct scope *s, struct job *job, const char *name) MUST_CHECK;

// Forgets a source, and what of its files has come only in part. The first one is called inside a
// transaction, the second commits and reports.
bool job_source_remove(struct scope *s, struct job *job, const char *name) MUST_CHECK;
bool job_source_forget(struct scope *s, struct job *job, const char *name) MUST_CHECK;

// Shows EPA's codes: "states", "counties 37", "sites 37 183", "cbsas", "classes", …
bool job_source_lookup(struct scope *s, struct job *job) MUST_CHECK;

#endif
