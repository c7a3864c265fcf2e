// aqs/ingest_object.h: from a file to its raw object, and on; what all that ingests shares.
#ifndef AQS_INGEST_OBJECT_H
#define AQS_INGEST_OBJECT_H

#include "aqs/ingest.h"

#define INGEST_PREFIX "raw_data"

struct ingest_object {
    const char *key, *sha256; // NULL until it has been hashed
    int64_t size_bytes;
    int fd;                // its bytes, from the beginning
    struct store_put *put; // still on its way into the store; NULL: it is there
    bool is_early;         // worth reading before it has been hashed
};

// Keeps the bytes of a request's file as an object, and opens that: nobody changes it any more. A
// dry run reads the caller's file.
bool ingest_object_keep(struct scope *s, struct store *store, const struct ingest_request *request,
                        const char *suffix, struct ingest_object *out) MUST_CHECK;

// The same, but the store goes on copying, hashing and making the object durable while it is read.
// What refers to it is committed behind store_put_finish only, as ingest_object_run does.
bool ingest_object_begin(struct scope *s, struct store *store, const struct ingest_request *request,
                         const char *suffix, struct ingest_object *out) MUST_CHECK;

// Waits until the object has been hashed, which tells its key and its size.
bool ingest_object_hashed(struct scope *s, struct ingest_object *object) MUST_CHECK;

// Goes back to a file's first byte.
bool ingest_object_rewind(struct scope *s, int fd) MUST_CHECK;

// A line fit for a text column: cut to so many bytes, and "?" for each that is not UTF-8 or is NUL;
// and the same, cut to 1,000.
const char *ingest_object_text(struct scope *s, struct str raw, size_t most);
const char *ingest_object_clean(struct scope *s, struct str raw);

// Reads an object in one transaction: observations, history, rejects, record and notice.
bool ingest_object_run(struct scope *s, struct db *db, const struct ingest_request *request,
                       struct ingest_object *object, struct ingest_summary *out) MUST_CHECK;

#endif
