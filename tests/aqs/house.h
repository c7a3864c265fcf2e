// tests/aqs/house.h: a database and a lake to ingest into.
#ifndef TESTS_AQS_HOUSE_H
#define TESTS_AQS_HOUSE_H

#include "aqs/ingest.h"
#include "base/file.h"

#include "db.h"
#include "folder.h"

#define AS_OF 1700000000 // 2023-11-14

static inline int
file_of(struct scope *s, const char *folder, const void *bytes, size_t n)
{
    int fd;
    const char *path = scope_print(s, "%s/in", folder);
    CHECK(file_write(s, path, (struct str){bytes, n}, 0600));
    CHECK(file_open(s, path, &fd));
    return fd;
}

struct house { // where a test ingests
    struct db *db;
    const char *folder;
    struct store *store;
};

static inline struct house
house_make(struct scope *s, struct db *db)
{
    const char *folder = test_folder(s);
    return (struct house){db, folder, store_open_dir(s, scope_print(s, "%s/lake", folder))};
}

static inline bool
take_bytes(struct scope *s, const struct house *h, const void *bytes, size_t n,
           struct ingest_summary *out)
{
    const struct ingest_request request = {
        .fd = file_of(s, h->folder, bytes, n), .name = "test", .as_of = AS_OF, .is_quiet = true};
    return ingest_file(s, h->db, h->store, &request, out);
}

// The one number "n" of a statement without parameters.
static inline int64_t
count_of(struct scope *s, struct db *db, const struct query *q)
{
    const struct rows *r = db_query(s, db, q, 0, NULL);
    CHECK(r != NULL);
    return rows_int(r, 0, "n");
}

static inline bool
take(struct scope *s, const struct house *h, const char *text, struct ingest_summary *out)
{
    return take_bytes(s, h, text, strlen(text), out);
}

#endif
