// base/inlet.h: where bytes come from, piece by piece, when nobody has all of them.
#ifndef BASE_INLET_H
#define BASE_INLET_H

#include "base/scope.h"

struct inlet {
    // Fills up to `room_bytes` of `to` and tells how many; none at the end.
    bool (*take)(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n);
    void *context;
};

#endif
