// serve/segment.h: records in one file of the spool: length, CRC-32, payload.
#ifndef SERVE_SEGMENT_H
#define SERVE_SEGMENT_H

#include "base/buf.h"

#define SEGMENT_HEAD 8                            // bytes before a payload
#define SEGMENT_RECORD_BYTES ((uint32_t)64 << 20) // a longer one is not ours

// Writes a record's head for its payload.
void segment_head(struct str payload, unsigned char out[SEGMENT_HEAD]);

enum segment_end {
    SEGMENT_MORE,    // stopped because enough was read
    SEGMENT_WHOLE,   // all records up to the end were read
    SEGMENT_TORN,    // the last record was not written whole; nothing follows it
    SEGMENT_DAMAGED, // a record is not what was written, and others follow it
};

struct segment_part {
    size_t n_records;
    int64_t from; // where reading began
    int64_t next; // the byte after the last record read
    enum segment_end end;
};

// Adds the payloads of the records between two bytes of a file to `lines`, until about
// `enough_bytes` have been read; at least one.
//
//   errors  UNAVAILABLE when the file cannot be read
bool segment_read(struct scope *s, int fd, int64_t from, int64_t upto, int64_t enough_bytes,
                  struct buf *lines, struct segment_part *out) MUST_CHECK;

#endif
