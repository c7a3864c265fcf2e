#include "loop/day.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "aqs/ingest.h"
#include "base/log.h"
#include "learn/train.h"
#include "loop/day.sql.h"
#include "monitor/outcome.h"
#include "quality/quality.h"

struct work { // one day while it runs
    const struct day_loop *loop;
    struct day day;
    int64_t as_of;
    struct day_tally tally;
    bool is_gate_closed;
    double step_began_s;
    struct json_writer *records; // an open array: one member for each job
};

int64_t
day_as_of(struct day day)
{
    return time_of_day(day_add(day, 1)) - 1;
}

const char *
day_step_name(enum day_step step)
{
    static const char *const names[DAY_STEPS] = {"ingest", "outcomes", "check", "train", "predict"};
    return names[step];
}

const char *
day_job(struct scope *s, const char *model)
{
    return scope_print(s, "day:%s", model);
}

static void
record_begin(struct work *w, const char *job, int exit_code)
{
    json_object_begin(w->records);
    json_pair_text(w->records, "job", job);
    json_pair_int(w->records, "exit_code", exit_code);
    json_pair_number(w->records, "seconds", time_monotonic_s() - w->step_began_s);
    json_put_key(w->records, "summary");
    json_object_begin(w->records);
}

static void
record_end(struct work *w)
{
    json_object_end(w->records);
    json_object_end(w->records);
}

// Notes a step that could not be had, or takes over a failure that ends the loop.
static bool
refusal_note(struct scope *s, struct work *w, enum day_step step, const struct scope *failed)
{
    char day[DAY_TEXT];
    if (failed->kind != ERROR_GATE && failed->kind != ERROR_INPUT && failed->kind != ERROR_MISSING)
        return fail_as(s, failed);
    log_debug("day.refused", "day=%s job=%s reason=\"%s\"", day_format(w->day, day),
              day_step_name(step), failed->message);
    record_begin(w, day_step_name(step), error_exit_code(failed->kind));
    json_put_key(w->records, "error");
    json_object_begin(w->records);
    json_pair_text(w->records, "code", error_name(failed->kind));
    json_pair_text(w->records, "message", failed->message);
    json_object_end(w->records);
    record_end(w);
    return true;
}

static bool
ingest_step(struct scope *s, struct work *w)
{
    const struct day_loop *loop = w->loop;
    struct ingest_summary in = {0};
    const struct ingest_request request = {
        .fd = loop->source_fd, .name = loop->source_name, .as_of = w->as_of, .is_quiet = true};
    if (lseek(loop->source_fd, 0, SEEK_SET) < 0)
        return fail(s, ERROR_INPUT, "could not rewind \"%s\": %s", loop->source_name,
                    strerror(errno));
    if (!ingest_newer(s, loop->db, loop->store, &request, &in))
        return false;
    w->tally.n_rows = in.n_rows;
    record_begin(w, day_step_name(DAY_INGEST), 0);
    json_pair_int(w->records, "n_rows", in.n_rows);
    json_pair_int(w->records, "n_new", in.n_new);
    json_pair_int(w->records, "n_rejected", in.n_rejected);
    record_end(w);
    return true;
}

static bool
outcomes_step(struct scope *s, struct work *w)
{
    struct db *db = w->loop->db;
    int64_t n_rows;
    if (!outcomes_join(s, db, w->as_of, &w->tally.n_outcomes) ||
        !accuracy_update(s, db, w->as_of, &n_rows))
        return false;
    record_begin(w, day_step_name(DAY_OUTCOMES), 0);
    json_pair_int(w->records, "n_joined", w->tally.n_outcomes);
    json_pair_int(w->records, "n_accuracy", n_rows);
    record_end(w);
    return true;
}

static bool
check_step(struct scope *s, struct work *w)
{
    const struct recipe *recipe = w->loop->recipe;
    struct quality_report report;
    const struct quality_request request = {
        .spec = &recipe->quality,
        .relation = &relation_observations,
        .parameter = recipe->parameter,
        .subject = recipe->name,
        .as_of = w->as_of,
    };
    if (!quality_run(s, w->loop->db, w->loop->store, &request, &report))
        return false;
    w->is_gate_closed = report.n_failures > 0;
    w->tally.n_gate_closed = w->is_gate_closed;
    record_begin(w, day_step_name(DAY_CHECK), w->is_gate_closed ? error_exit_code(ERROR_GATE) : 0);
    json_pair_int(w->records, "n_checks", (int64_t)report.n_checks);
    json_pair_int(w->records, "n_warnings", (int64_t)report.n_warnings);
    json_pair_int(w->records, "n_failures", (int64_t)report.n_failures);
    json_pair_text(w->records, "first_failure", report.first_failure);
    record_end(w);
    return true;
}

static bool
training_is_due(struct scope *s, const struct work *w, bool *is_due)
{
    struct version v;
    bool is_found;
    if (!version_in_production(s, w->loop->db, w->loop->recipe->name, &is_found, &v))
        return false;
    *is_due = !is_found || w->day.n - v.as_of.n >= w->loop->recipe->retrain_days;
    return true;
}

// Trains. A gate closed beforehand needs no savepoint: the training then fails before it has
// written anything but the verdict and its alert, and those are to stay.
static bool
training_try(struct scope *one, const struct work *w, struct train_summary *out)
{
    const struct day_loop *loop = w->loop;
    const struct train_request request = {
        .recipe = loop->recipe,
        .as_of = w->as_of,
        .actor = loop->actor,
        .revision = loop->revision,
        .is_quiet = true,
    };
    if (w->is_gate_closed)
        return learn_train(one, loop->db, loop->store, &request, out);
    return db_begin(one, loop->db) && learn_train(one, loop->db, loop->store, &request, out) &&
           db_commit(one, loop->db);
}

static bool
train_step(struct scope *s, struct work *w)
{
    struct scope one = {0};
    struct train_summary trained;
    bool is_due = false, ok = true;
    if (!training_is_due(s, w, &is_due))
        return false;
    if (!is_due)
        return true;
    if (training_try(&one, w, &trained)) {
        w->tally.n_trainings = 1;
        record_begin(w, day_step_name(DAY_TRAIN), 0);
        json_pair_text(w->records, "version", trained.version.version);
        json_pair_text(w->records, "family", trained.version.family);
        json_pair_text(w->records, "run_id", trained.version.run_id);
        json_pair_number(w->records, "seconds", trained.seconds);
        record_end(w);
    } else {
        ok = refusal_note(s, w, DAY_TRAIN, &one);
        w->tally.n_untrained = 1;
    }
    scope_close(&one);
    return ok;
}

static bool
predict_step(struct scope *s, struct work *w)
{
    const struct day_loop *loop = w->loop;
    struct scope one = {0};
    struct batch_summary batch;
    const struct batch_request request = {
        .model = loop->recipe->name, .as_of = w->as_of, .cache = loop->cache};
    bool ok = db_begin(&one, loop->db) &&
              batch_predict(&one, loop->db, loop->store, &request, &batch) &&
              db_commit(&one, loop->db);
    if (ok) {
        w->tally.n_predictions = (int64_t)batch.n_predictions;
        record_begin(w, day_step_name(DAY_PREDICT), 0);
        batch_report(&batch, w->records);
        record_end(w);
    } else {
        ok = refusal_note(s, w, DAY_PREDICT, &one);
        w->tally.n_unpredicted = 1;
    }
    scope_close(&one);
    return ok;
}

static bool (*const steps[DAY_STEPS])(struct scope *s, struct work *w) = {
    ingest_step, outcomes_step, check_step, train_step, predict_step,
};

static bool
steps_run(struct scope *s, struct work *w)
{
    const struct day_loop *loop = w->loop;
    for (int step = 0; step < DAY_STEPS; step++) {
        w->step_began_s = time_monotonic_s();
        if (!steps[step](s, w))
            return false;
        w->tally.seconds[step] = time_monotonic_s() - w->step_began_s;
        if (loop->on_step != NULL && !loop->on_step(s, loop->context, w->day, (enum day_step)step))
            return false;
    }
    return true;
}

static void
tally_add(struct day_tally *sum, const struct day_tally *one)
{
    sum->n_days++;
    sum->n_rows += one->n_rows;
    sum->n_outcomes += one->n_outcomes;
    sum->n_predictions += one->n_predictions;
    sum->n_trainings += one->n_trainings;
    sum->n_untrained += one->n_untrained;
    sum->n_unpredicted += one->n_unpredicted;
    sum->n_gate_closed += one->n_gate_closed;
    for (int step = 0; step < DAY_STEPS; step++)
        sum->seconds[step] += one->seconds[step];
}

bool
day_run(struct scope *s, const struct day_loop *loop, struct day day, struct day_tally *tally)
{
    struct buf text = buf_open(s, 2048);
    struct json_writer records = {.out = &text};
    struct work w = {.loop = loop, .day = day, .as_of = day_as_of(day), .records = &records};
    const double began_s = time_monotonic_s();
    char name[DAY_TEXT];

    json_array_begin(&records);
    if (!db_begin(s, loop->db) || !steps_run(s, &w))
        return explain(s, "could not complete %s", day_format(day, name));
    w.step_began_s = began_s;
    record_begin(&w, day_job(s, loop->recipe->name), 0);
    record_end(&w);
    json_array_end(&records);
    if (!DB_RUN(s, loop->db, &sql_day_record, db_time(s, w.as_of), text.text) ||
        !db_commit(s, loop->db))
        return explain(s, "could not record %s", day_format(day, name));
    tally_add(tally, &w.tally);
    return true;
}
