// quality/condition.h: which rows an expectation is about, in a small language of comparisons.
//
//   state = 'NC' and (value > 0 or n_hours is null) and day >= today - 30
//
//   condition   comparisons joined by and, or, not and parentheses; not binds before and, and
//               before or
//   comparison  a = b, != or <>, <, <=, >, >=; a in (x, y); a not in (x, y); a between x and y;
//               a is null; a is not null
//   a, b        a column, a number, a 'text' ('' inside for a quote), true, false, or today, which
//               may be followed by + or - and whole days; days and times are texts: '2009-12-31'
//
// Words are read in any case. A column whose name is not a plain word stands in "double quotes".
// Both sides must be of one type. As in SQL, a comparison with what is missing is not true, nor is
// its not. Nothing of the text ever becomes SQL: see db/statement.h.
#ifndef QUALITY_CONDITION_H
#define QUALITY_CONDITION_H

#include "quality/statement.h"

#define CONDITION_BYTES 2000
#define CONDITION_NESTING 30
#define CONDITION_LIST 200

struct condition;

// Reads a condition over a relation's columns.
//
//   owner   the scope
//   errors  INPUT with the place (from 1) in the text and what is wrong there; LIMIT
const struct condition *condition_read(struct scope *s, const char *text,
                                       const struct relation *relation) MUST_CHECK;

// Adds the condition to a statement's fragment, in parentheses.
void condition_write(const struct condition *c, struct statement *st, struct buf *out);

#endif
