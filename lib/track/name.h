// track/name.h: names and ids that are made up.
#ifndef TRACK_NAME_H
#define TRACK_NAME_H

#include "base/scope.h"

// A name that people can say, "brisk-heron-417", as MLflow gives one to what has none.
const char *track_name_make(struct scope *s);

// 32 hexadecimal digits that were never before.
const char *track_id_make(struct scope *s);

#endif
