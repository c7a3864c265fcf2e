// aqs/known.h: the formats whose columns or keys have fixed names; aqs/format tells them apart.
#ifndef AQS_KNOWN_H
#define AQS_KNOWN_H

#include "aqs/format.h"

struct column {
    enum field field;
    const char *name;
    bool is_optional;
};

struct known { // a format whose columns have fixed names
    enum table_kind kind;
    const char *name;
    const struct column *columns; // ends with a name of NULL
    const char *refusal;          // why nothing is taken of it; then all columns are its marks
};

extern const struct known known_formats[]; // ends with a name of NULL

#endif
