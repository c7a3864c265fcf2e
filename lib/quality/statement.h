// quality/statement.h: statements put together while they run (db/statement.h), for expectations.
#ifndef QUALITY_STATEMENT_H
#define QUALITY_STATEMENT_H

#include "db/statement.h"
#include "quality/relation.h"

struct statement statement_open(struct scope *s, struct day today);

// Adds "$n::type" to a fragment, and keeps the value for it; NULL is SQL's.
void statement_value(struct statement *st, struct buf *out, enum field_type type,
                     const char *value);
void statement_number(struct statement *st, struct buf *out, double value);
void statement_int(struct statement *st, struct buf *out, int64_t value);

#endif
