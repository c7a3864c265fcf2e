// jobs/ingest.h: what `airwatch ingest` says of files, one or several.
#ifndef JOBS_INGEST_H
#define JOBS_INGEST_H

#include "aqs/ingest.h"
#include "jobs/job.h"

// Tells what an ingest came to: as pairs of an open object, and to a person.
void ingest_report(const struct job *job, struct json_writer *w, const struct ingest_summary *got);

// Ingests all files that the words name, each in a transaction of its own; `request` is what they
// share. One that is refused does not keep the others from being taken; after one that found the
// database or the lake away the rest are not tried. Reports each, and all together.
//
//   errors  that of the first file which failed, with how many did
bool ingest_several(struct scope *s, struct job *job, struct ingest_request request) MUST_CHECK;

#endif
