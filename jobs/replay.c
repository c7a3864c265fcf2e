#include <math.h>

#include "base/file.h"
#include "cli/progress.h"
#include "jobs/job.h"
#include "loop/replay.h"

#define RECIPE_BYTES (1 << 20)

struct bar {
    struct progress *progress;
    struct day from;
};

static void
bar_move(void *context, struct day day, double rmse)
{
    const struct bar *bar = context;
    struct scope one = {0};
    char text[DAY_TEXT];
    day_format(day, text);
    progress_move(bar->progress, day.n - bar->from.n,
                  isnan(rmse) ? text : scope_print(&one, "%s RMSE %.2f", text, rmse));
    scope_close(&one);
}

// Opens a file that is used unless the caller names another; as the caller, before root is left.
static void
input_offer(struct scope *s, const char *path, struct input *out)
{
    *out = (struct input){.path = path, .fd = -1};
    if (!file_open(s, path, &out->fd)) {
        out->fd = -1;
        scope_forgive(s);
    }
}

static bool
input_check(struct scope *s, const struct input *input, const char *option)
{
    return input->fd >= 0 || fail(s, ERROR_MISSING, "could not open file \"%s\"; name one by %s",
                                  input->path, option);
}

static void
report(struct job *job, const struct replay_request *request, const struct replay_summary *r)
{
    const struct day_tally *t = &r->tally;
    char from[DAY_TEXT], to[DAY_TEXT];
    json_pair_text(job->result, "model", request->loop.recipe->name);
    json_pair_text(job->result, "from", day_format(request->from, from));
    json_pair_text(job->result, "to", day_format(request->to, to));
    json_pair_int(job->result, "n_days", t->n_days);
    json_pair_int(job->result, "n_complete", r->n_complete);
    json_pair_int(job->result, "n_rows", t->n_rows);
    json_pair_int(job->result, "n_outcomes", t->n_outcomes);
    json_pair_int(job->result, "n_predictions", t->n_predictions);
    json_pair_int(job->result, "n_trainings", t->n_trainings);
    json_pair_int(job->result, "n_untrained", t->n_untrained);
    json_pair_int(job->result, "n_unpredicted", t->n_unpredicted);
    json_pair_int(job->result, "n_gate_closed", t->n_gate_closed);
    json_pair_number(job->result, "rmse", r->rmse);
    json_pair_number(job->result, "skill", r->skill);
    json_pair_number(job->result, "seconds", r->seconds);
    json_put_key(job->result, "seconds_by_step");
    json_object_begin(job->result);
    for (enum day_step step = 0; step < DAY_STEPS; step++)
        json_pair_number(job->result, day_step_name(step), t->seconds[step]);
    json_object_end(job->result);
    if (request->is_dry_run)
        job_say(job, "%s to %s: %lld days are to be run, %lld are complete (dry run)", from, to,
                (long long)t->n_days, (long long)r->n_complete);
    else
        job_say(job,
                "%s to %s: %lld days run (%lld were complete), %lld predictions, %lld trainings",
                from, to, (long long)t->n_days, (long long)r->n_complete,
                (long long)t->n_predictions, (long long)t->n_trainings);
    if (t->n_untrained + t->n_unpredicted > 0)
        job_say(job, "not to be had: training on %lld days, a forecast on %lld (see ops.job)",
                (long long)t->n_untrained, (long long)t->n_unpredicted);
    if (!isnan(r->rmse))
        job_say(job, "RMSE over the year up to %s: %.3f, skill over persistence: %.3f (%.1f s)", to,
                r->rmse, r->skill, r->seconds);
}

bool
job_replay(struct scope *s, struct job *job)
{
    struct day from = {INT32_MIN}, to = {INT32_MIN};
    struct input source, recipe_file;
    struct str text;
    struct recipe recipe;
    struct replay_summary done;
    const struct option table[] = {
        {"from", OPTION_DAY, &from, "DAY", "the first day to run"},
        {"to", OPTION_DAY, &to, "DAY", "and the last"},
        {"source", OPTION_FILE, &source, "FILE", "CSV of station,date,value (the shipped sample)"},
        {"recipe", OPTION_FILE, &recipe_file, "FILE", "what to train (pm-next-day)"},
        {0},
    };
    input_offer(s, "deploy/sample/pm10_germany_1998_2009.csv", &source);
    input_offer(s, "deploy/models/pm-next-day.json", &recipe_file);
    if (!job_begin(s, job, table, "", 0))
        return false;
    if (from.n == INT32_MIN || to.n == INT32_MIN)
        return fail(s, ERROR_USAGE, "wrong call: --from DAY and --to DAY are needed");
    if (!input_check(s, &source, "--source FILE") ||
        !input_check(s, &recipe_file, "--recipe FILE") ||
        !file_read_fd(s, recipe_file.fd, RECIPE_BYTES, &text))
        return false;
    if (!recipe_read(s, text, &recipe))
        return explain(s, "%s", recipe_file.path);

    struct bar bar = {.from = from,
                      .progress = progress_open(s, "replay", to.n - from.n + 1, "days",
                                                job->is_quiet || job->is_json)};
    const struct replay_request request = {
        .from = from,
        .to = to,
        .is_dry_run = job->is_dry_run,
        .loop = {.db = job->db,
                 .store = job->store,
                 .recipe = &recipe,
                 .cache = batch_cache_open(s),
                 .source_fd = source.fd,
                 .source_name = source.path,
                 .actor = "airwatch-replay",
                 .revision = REVISION,
                 .context = &bar},
        .on_day = bar_move,
    };
    if (!replay_run(s, &request, &done))
        return false;
    progress_finish(bar.progress);
    report(job, &request, &done);
    return true;
}
