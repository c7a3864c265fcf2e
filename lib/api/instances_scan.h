// api/instances_scan.h: the quick reader behind api/instances.
#ifndef API_INSTANCES_SCAN_H
#define API_INSTANCES_SCAN_H

#include "api/instances.h"

// Reads bodies that are arrays of arrays of numbers and null, exactly as text/json would; false
// for any other, good or bad, with nothing failed in the scope.
bool instances_scan(struct scope *s, const struct schema *schema, struct str body,
                    struct instances *out);

#endif
