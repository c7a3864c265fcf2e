// aqs/ingest_object.h: one raw object into observations; what ingest.c and newer.c share.
#ifndef AQS_INGEST_OBJECT_H
#define AQS_INGEST_OBJECT_H

#include "aqs/ingest.h"

#define INGEST_PREFIX "raw_data"

struct ingest_object {
    const char *key, *sha256;
    int64_t size_bytes;
    int fd; // its bytes, from the beginning
};

// Reads an object in one transaction: observations, history, rejects, record and notice.
bool ingest_object_run(struct scope *s, struct db *db, const struct ingest_request *request,
                       const struct ingest_object *object, struct ingest_summary *out) MUST_CHECK;

#endif
