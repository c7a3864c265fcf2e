#include "aqs/reject.h"

#include <string.h>

#include "aqs/ingest_object.h"
#include "aqs/reject.sql.h"
#include "text/json.h"

struct reject {
    int64_t line;
    const char *reason, *content;
};

struct rejects {
    struct scope *s; // of all memory here
    int64_t n;
    struct reject kept[REJECTS_MOST];
    size_t n_kept;
};

struct rejects *
rejects_open(struct scope *s)
{
    struct rejects *rejects = scope_alloc(s, sizeof *rejects);
    rejects->s = s;
    return rejects;
}

void
rejects_note(struct rejects *rejects, int64_t line, const char *reason, struct str content)
{
    struct scope *s = rejects->s;
    const char *words = ingest_object_clean(s, (struct str){reason, strlen(reason)});
    struct reject *last = rejects->n_kept > 0 ? &rejects->kept[rejects->n_kept - 1] : NULL;
    rejects->n++;
    if (last != NULL && last->line == line)
        last->reason = scope_print(s, "%s; %s", last->reason, words);
    else if (rejects->n_kept < REJECTS_MOST)
        rejects->kept[rejects->n_kept++] =
            (struct reject){line, words, ingest_object_clean(s, content)};
}

int64_t
rejects_count(const struct rejects *rejects)
{
    return rejects->n;
}

const char *
rejects_first(struct scope *s, const struct rejects *rejects)
{
    if (rejects->n == 0)
        return NULL;
    return scope_print(s, "line %lld: %s", (long long)rejects->kept[0].line,
                       rejects->kept[0].reason);
}

bool
rejects_keep(struct scope *s, struct db *db, int64_t object_id, const struct rejects *rejects)
{
    const struct scope_mark mark = scope_mark(s);
    struct buf text = buf_open(s, 1 << 10);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t i = 0; i < rejects->n_kept; i++) {
        json_object_begin(&w);
        json_pair_int(&w, "line", rejects->kept[i].line);
        json_pair_text(&w, "reason", rejects->kept[i].reason);
        json_pair_text(&w, "content", rejects->kept[i].content);
        json_object_end(&w);
    }
    json_array_end(&w);
    if (!DB_RUN(s, db, &sql_reject_put, db_int(s, object_id), text.text))
        return false;
    scope_release(s, mark);
    return true;
}

struct rows *
reject_list(struct scope *s, struct db *db, const struct reject_filter *filter)
{
    return DB_QUERY(s, db, &sql_reject_list,
                    filter->object_id == 0 ? NULL : db_int(s, filter->object_id), filter->file,
                    filter->reason, db_int(s, filter->limit));
}

struct rows *
reject_get(struct scope *s, struct db *db, int64_t reject_id)
{
    struct rows *r = DB_QUERY(s, db, &sql_reject_get, db_int(s, reject_id));
    if (r != NULL && rows_count(r) == 0)
        return fail_null(s, ERROR_MISSING, "there is no reject %lld", (long long)reject_id);
    return r;
}

struct rows *
reject_objects(struct scope *s, struct db *db, int64_t object_id)
{
    struct rows *r =
        DB_QUERY(s, db, &sql_reject_objects, object_id == 0 ? NULL : db_int(s, object_id),
                 db_int(s, REJECTS_MOST));
    if (r != NULL && rows_count(r) == 0 && object_id != 0)
        return fail_null(s, ERROR_MISSING, "there is no object %lld that has been read",
                         (long long)object_id);
    return r;
}
