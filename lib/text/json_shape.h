// text/json_shape.h: which keys an object has, held against the object before.
//
// Objects of one file mostly have the same keys in the same order. Then none can come twice, and
// whoever looked them up once need not do so again.
#ifndef TEXT_JSON_SHAPE_H
#define TEXT_JSON_SHAPE_H

#include "text/json_scan.h"

#define JSON_SHAPE_FAULT 100 // bytes of words

struct json_shape {
    char *keys; // end to end
    size_t n, ends[JSON_MEMBERS];
    bool is_known;
};

// Begins with room for keys of `room_bytes` together.
struct json_shape json_shape_open(struct scope *s, size_t room_bytes);

// Compares an object's keys with the last good object's, and with each other where they differ;
// then it is the last good one. False, with words in `fault`, when a key comes twice.
bool json_shape_meet(struct json_shape *shape, const struct json_member members[], size_t n,
                     bool *is_same, char fault[JSON_SHAPE_FAULT]);

#endif
