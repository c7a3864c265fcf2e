// aqs/envelope.h: the AQS API's answer: {"Header": [{…}], "Data": [{…}, …]}, object by object.
//
// Answers can have a gigabyte, so no more than one object is in memory. EPA's documentation says
// "Body" where the server says "Data": both are taken.
#ifndef AQS_ENVELOPE_H
#define AQS_ENVELOPE_H

#include "aqs/table.h"

struct envelope;

// Reads up to the first object of the data, and tells from its keys what the answer holds; an
// empty one, and one whose first object cannot be read, are taken for dailyData.
//
//   errors  INPUT with EPA's words where the status is "Failed", or with the line of the fault, or
//           format_tell's
struct envelope *envelope_open(struct scope *s, struct feed *feed,
                               struct format *format) MUST_CHECK;

// Reads the next object of the data; at the end checks that the answer was complete.
bool envelope_next(struct scope *s, struct envelope *e, struct line *out, bool *is_end) MUST_CHECK;

#endif
