// store/store_s3.h: the lake in S3, or in whatever speaks as S3 does.
#ifndef STORE_STORE_S3_H
#define STORE_STORE_S3_H

#include "store/store.h"

// Opens the lake in the buckets that the settings name; nothing is asked of S3 yet.
//
//   owner   the scope; threads may share it; the settings outlive it
struct store *store_open_s3(struct scope *s, const struct config *config) MUST_CHECK;

#endif
