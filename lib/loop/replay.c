#include "loop/replay.h"

#include <math.h>

#include "base/time.h"
#include "loop/replay.sql.h"

// Marks the days of the range that are complete.
static bool
complete_find(struct scope *s, const struct replay_request *request, bool *is_complete,
              int64_t *n_complete)
{
    const struct day_loop *loop = &request->loop;
    const struct rows *r =
        DB_QUERY(s, loop->db, &sql_replay_complete, day_job(s, loop->recipe->name),
                 db_time(s, day_as_of(request->from)), db_time(s, day_as_of(request->to)));
    if (r == NULL)
        return false;
    for (size_t i = 0; i < rows_count(r); i++)
        is_complete[rows_int(r, i, "day") - request->from.n] = true;
    *n_complete = (int64_t)rows_count(r);
    return true;
}

static bool
score_find(struct scope *s, const struct day_loop *loop, struct day day, double *rmse,
           double *skill)
{
    char text[DAY_TEXT];
    const struct rows *r =
        DB_QUERY(s, loop->db, &sql_replay_score, loop->recipe->name, day_format(day, text));
    if (r == NULL)
        return false;
    *rmse = rows_count(r) == 0 ? NAN : rows_number(r, 0, "rmse");
    *skill = rows_count(r) == 0 ? NAN : rows_number(r, 0, "skill");
    return true;
}

// Runs one day in a scope of its own, which gives back its memory and, on failure, its changes.
static bool
one_run(struct scope *s, const struct replay_request *request, struct day day,
        struct replay_summary *out)
{
    struct scope one = {0};
    if (request->on_day != NULL)
        request->on_day(request->loop.context, day, out->rmse);
    const bool ok = day_run(&one, &request->loop, day, &out->tally) &&
                    score_find(&one, &request->loop, day, &out->rmse, &out->skill);
    if (!ok)
        fail_as(s, &one);
    scope_close(&one);
    return ok;
}

bool
replay_run(struct scope *s, const struct replay_request *request, struct replay_summary *out)
{
    const double began_s = time_monotonic_s();
    struct db *db = request->loop.db;
    char from[DAY_TEXT], to[DAY_TEXT];
    *out = (struct replay_summary){.rmse = NAN, .skill = NAN};
    if (request->to.n < request->from.n)
        return fail(s, ERROR_INPUT, "there is no day from %s to %s",
                    day_format(request->from, from), day_format(request->to, to));

    const size_t n_days = (size_t)(request->to.n - request->from.n) + 1;
    bool *is_complete = scope_array(s, n_days, sizeof *is_complete);
    if (!complete_find(s, request, is_complete, &out->n_complete))
        return false;
    if (request->is_dry_run) {
        out->tally.n_days = (int64_t)n_days - out->n_complete;
        return score_find(s, &request->loop, request->to, &out->rmse, &out->skill);
    }
    if (!DB_RUN(s, db, &sql_replay_commit_wait, "off"))
        return false;
    for (size_t i = 0; i < n_days; i++)
        if (!is_complete[i] && !one_run(s, request, day_add(request->from, (int)i), out))
            return false;
    if (!DB_RUN(s, db, &sql_replay_commit_wait, "on") ||
        !score_find(s, &request->loop, request->to, &out->rmse, &out->skill))
        return false;
    out->seconds = time_monotonic_s() - began_s;
    return true;
}
