// db/query.h: one statement from a .sql file, as make embeds it.
//
// `lib/<room>/<noun>.sql` becomes `<room>/<noun>.sql.h`, where the statement that opens with
// "-- name: run_find" is `sql_run_find`.
#ifndef DB_QUERY_H
#define DB_QUERY_H

struct query {
    const char *name; // also its prepared name on a connection
    const char *text;
};

#endif
