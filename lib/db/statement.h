// db/statement.h: the one place in the house where SQL is put together while it runs.
//
// Conditions name columns and comparisons of their own, so a static text cannot hold them. What is
// static stays so: each statement is a named one in a .sql file that prepares as it stands, and has
// marked holes, `/*rows*/ data.observation_row /*.*/`, whose default is replaced. What goes into a
// hole can only be made of three things, so that no text from outside is ever SQL:
//   words   literals of our own source: the macro does not compile with anything else
//   names   of known columns and tables, quoted here
//   values  $n of a stated type; the text travels beside the statement
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include "base/time.h"
#include "db/db.h"

struct statement { // make one with statement_begin
    struct scope *s;
    struct day today; // what `today` means in a condition, where conditions have it
    const char **values;
    size_t n_values, room;
};

struct hole { // a list ends with {0}
    const char *name;
    const char *text;
};

struct statement statement_begin(struct scope *s);

// Adds words to a fragment.
#define WORDS(out, literal) buf_text((out), "" literal "")

// Adds a quoted name to a fragment.
void statement_name(struct buf *out, const char *name);

// Adds "$n::type" to a fragment, and keeps the value for it; NULL is SQL's. The type is a literal.
#define STATEMENT_PUT(st, out, type, value) statement_put((st), (out), "" type "", (value))
void statement_put(struct statement *st, struct buf *out, const char *type, const char *value);

// Fills the holes of a statement and runs it. Asserts that each mark has its hole and each hole
// its mark.
struct rows *statement_query(struct statement *st, struct db *db, const struct query *q,
                             const struct hole holes[]) MUST_CHECK;

#endif
