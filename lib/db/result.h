// db/result.h: what db.c and rows.c know of a result; nothing for other rooms.
#ifndef DB_RESULT_H
#define DB_RESULT_H

#include <libpq-fe.h>

struct rows {
    PGresult *result;
};

#endif
