// quality/expectation_kind.h: the kinds of expectations, each with its keys and its reader; for
// this room only.
#ifndef QUALITY_EXPECTATION_KIND_H
#define QUALITY_EXPECTATION_KIND_H

#include "quality/expectation.h"

#define KIND_KEYS 8

struct reader { // one expectation while it is read
    struct scope *s;
    const struct json *item;
    const struct relation *relation;
};

struct expectation_kind_row {
    const char *name;
    bool (*read)(struct reader *r, struct expectation *x); // what only this kind knows
    bool is_for_tables;
    const char *keys[KIND_KEYS + 1]; // beside those that all know
};

extern const struct expectation_kind_row expectation_kinds[EXPECT_KINDS];

// Reads an optional number, whole number or one of two words at a key; absent, `out` stays.
//
//   errors  INPUT naming the key
bool reader_number(struct reader *r, const char *key, const double range[2],
                   double *out) MUST_CHECK;
bool reader_int(struct reader *r, const char *key, const int range[2], int *out) MUST_CHECK;
bool reader_word(struct reader *r, const char *key, const char *const words[2],
                 bool *is_second) MUST_CHECK;

#define IN(low, high) ((const double[2]){(low), (high)})
#define IN_INT(low, high) ((const int[2]){(low), (high)})

#endif
