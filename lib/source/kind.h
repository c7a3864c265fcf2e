// source/kind.h: what each kind of source does, behind the face in source/source.h.
//
// A kind is one `const struct` in a file of its own, source_<name>.c, and a row of the table in
// source.c. It knows its settings, how they divide into units, and how a unit's bytes are fetched;
// asking in turn, claims, ingest, records and reports are the runner's (source/run.h).
#ifndef SOURCE_KIND_H
#define SOURCE_KIND_H

#include "base/config.h"
#include "base/time.h"
#include "db/db.h"
#include "text/json.h"

#define SOURCE_TOGETHER_MOST 5 // units that one request may bring: EPA's limit of parameters

struct source {       // as it is configured
    const char *name; // "nc-pm25"
    const struct source_kind *kind;
    const struct json *settings; // what the kind's settle wrote
    const char *settings_text;
    const char *paused_at; // "" while it is read
    const char *created_at;
};

struct source_given { // settings as options gave them: name and value, ended by {0}
    const char *name, *value;
};

struct source_unit {  // a piece that is asked for and read as one; names need not be set
    const char *unit; // "88101 37-183 2019": unique in the source
    const char *parameter, *area;
    int year; // 0 where it has none
    struct day first, last;
    bool is_alone; // its answer is large enough for a request of its own
    const char *etag, *digest; // of the last reading, "" before; the runner fills them in
};

struct source_units { // grows by source_unit_add
    size_t n, room;
    struct source_unit *units;
};

struct source_span {  // what a run is to bring
    bool is_backfill; // the days first..last whole; else what is new up to `last`, and corrections
    bool is_open;     // a backfill to the as-of day, whichever that is when it goes on
    struct day first, last;
};

struct source_work { // what a kind works with
    const struct config *config;
    struct db *db;
    const struct source *source;
    int64_t as_of;
    // Told how far a fetch is that can tell, NULL where nobody looks; the total is 0 if unknown.
    void (*moved)(void *context, int64_t done_bytes, int64_t total_bytes);
    void *context;
};

struct source_catch {  // what a fetch brought; {0} before
    int fd;            // the bytes, from their beginning; closes with the scope
    const char *name;  // the address, without credentials
    bool is_empty;     // there is no data for these units: not a failure, nothing to keep
    bool is_unchanged; // the server says that nothing is new since `etag`; `fd` is not set
    bool is_again;     // the same rows as the last reading, in other bytes; `fd` is set
    const char *etag, *digest;
    const char *note;                        // what a person should know of it, NULL if nothing
    int64_t n_rows;                          // of an answer that tells; 0 where the ingest will
    struct day newest[SOURCE_TOGETHER_MOST]; // of each unit's rows, where n is not 0
};

struct source_check { // what `source test` found
    const char *name, *detail;
    bool is_good;
};

struct source_checks {
    size_t n;
    struct source_check checks[16];
};

struct source_kind {
    const char *name;            // "aqs"
    const char *summary;         // one line
    const char *const *settings; // the options that it takes, NULL-ended
    size_t n_together;           // units of one area and span that one fetch may bring

    // Checks settings and writes them, completed, as the pairs of an open object.
    //
    //   errors  USAGE naming the option
    bool (*settle)(struct scope *s, const struct source_given given[], int64_t as_of,
                   struct json_writer *out);

    // Lists the units that the span wants, those that may be fetched together one after another.
    bool (*plan)(struct scope *s, const struct source_work *work, const struct source_span *span,
                 struct source_units *out);

    // Brings the bytes of n units of one area and span. Retries are the kind's own.
    //
    //   errors  INPUT, MISSING, LIMIT and UNAVAILABLE fail these units and no others; what is wrong
    //           on this side (a full disk) sets *is_local, which ends the run
    bool (*fetch)(struct scope *s, const struct source_work *work, size_t n,
                  const struct source_unit units[], struct source_catch *out, bool *is_local);

    // Lets go of what a fetch keeps until its bytes are taken in; NULL where there is nothing.
    bool (*taken)(struct scope *s, const struct source_work *work, const struct source_unit *unit);

    // Asks as little as shows whether the source can be read; each finding is a check.
    bool (*test)(struct scope *s, const struct source_work *work, struct source_checks *out);
};

// Adds a unit to a plan.
void source_unit_add(struct scope *s, struct source_units *list, const struct source_unit *unit);

// The value of an option, NULL where it was not given.
const char *source_given_find(const struct source_given given[], const char *name);

// Notes a finding of a test.
void source_check_add(struct source_checks *out, const char *name, bool is_good,
                      const char *detail);

extern const struct source_kind source_airdata, source_aqs, source_url;

#endif
