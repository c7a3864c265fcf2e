// aqs/ingest.h: from a file to committed observations, whatever its format.
//
// The bytes become an immutable raw object first; then its lines stream through the format's
// reader and the documented rules (lib/aqs/RULES.md) into a staging table by COPY, and one upsert
// by natural key (parameter, station, day or hour, instrument) moves them into data.observation or
// data.sample; days are derived from hours. Lists of sites go to data.site. Memory is constant.
// Ingesting the same bytes again changes nothing; a corrected file replaces values and leaves the
// old ones in data.observation_past.
#ifndef AQS_INGEST_H
#define AQS_INGEST_H

#include "base/time.h"
#include "db/db.h"
#include "store/store.h"

struct ingest_request {
    int fd;           // the bytes, of any format in aqs/format
    const char *name; // of the file or address, for messages and the record
    int64_t as_of;
    int parameter;   // what a station CSV's values are; 0 where its header tells
    bool is_dry_run; // reads and counts, changes nothing
    bool is_quiet;   // no progress bar
};

struct ingest_summary {
    const char *sha256; // of the raw object
    int64_t size_bytes, n_rows, n_new, n_changed, n_same, n_skipped, n_rejected;
    int64_t n_removed;        // of a declared table: rows that only the snapshot before had
    const char *first_reject; // "line 3: value -99 is below -10"; NULL when there is none
    const char *skipped;      // JSON object: reason -> count
    struct day first, last;   // INT32_MAX and INT32_MIN where no row has a day
    bool has_hours;           // then daily values were derived:
    int64_t n_days_new, n_days_changed, n_days_same;
    double seconds;
};

// Ingests one file. Its format is told from its first bytes and its header, not its name.
//
//   errors  INPUT naming the missing column, or what is wrong with the zip or JSON; single bad
//           lines are rejected (data.reject), not errors
bool ingest_file(struct scope *s, struct db *db, struct store *store,
                 const struct ingest_request *request, struct ingest_summary *out) MUST_CHECK;

// Ingests from a station,date,value CSV the rows of days up to as_of that are newer than the
// newest observation: what a daily feed would have brought. They become one slice object.
// `n_rows` is 0 when there is nothing new.
bool ingest_newer(struct scope *s, struct db *db, struct store *store,
                  const struct ingest_request *request, struct ingest_summary *out) MUST_CHECK;

#endif
