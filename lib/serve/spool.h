// serve/spool.h: the log of online predictions: on disk before the answer leaves, in the database
// soon after, exactly once.
//
// A record is its payload's length and CRC-32 (both 32 bits, little-endian) and the payload: lines
// of COPY's text format for serve.prediction. It is written by one write(2); with DURABLE=power an
// fdatasync, shared by the threads that wait for one, follows. Segments are files of about
// SPOOL_SEGMENT_BYTES below the home's spool/, locked by the program that writes them.
//
// A thread takes the records in by COPY, and moves the segment's offset in serve.spool in the same
// transaction; a segment that was wholly taken is deleted. Segments that a killed program left
// behind are taken by the next one; a torn record at their end, whose answer was never sent, is
// dropped. While the spool is small the thread takes its time, so that answers come first.
#ifndef SERVE_SPOOL_H
#define SERVE_SPOOL_H

#include "base/buf.h"
#include "http/counters.h"

#define SPOOL_SEGMENT_BYTES (16 * 1024 * 1024)
#define SPOOL_LIMIT_BYTES (INT64_C(1024) * 1024 * 1024)

struct spool;

struct spool_options {
    const char *folder, *database_url;
    bool is_synced;            // DURABLE=power
    int64_t segment_bytes;     // 0 for SPOOL_SEGMENT_BYTES
    int64_t limit_bytes;       // 0 for SPOOL_LIMIT_BYTES
    struct counters *counters; // NULL for none
    bool is_taken_by_hand;     // no thread: the owner calls spool_take
};

// Opens the spool and starts the thread that takes records in; closing the scope takes what there
// is, if the database answers, and ends it.
//
//   owner   the scope; threads may share it
struct spool *spool_open(struct scope *s, const struct spool_options *options) MUST_CHECK;

// Appends one record. When it returns true the record is on disk.
//
//   errors  UNAVAILABLE when the spool is full or the disk is; nothing is then logged
bool spool_append(struct scope *s, struct spool *spool, struct str lines) MUST_CHECK;

// Bytes written and not yet taken in.
int64_t spool_waiting_bytes(struct spool *spool);

// Whether more can be logged: it is below its limit, and the disk is not full.
bool spool_has_room(struct spool *spool);

// Takes in all that is there now, and tells how many rows were new.
//
//   errors  UNAVAILABLE when the database is away; what was not taken stays
bool spool_take(struct scope *s, struct spool *spool, int64_t *n_rows) MUST_CHECK;

#endif
