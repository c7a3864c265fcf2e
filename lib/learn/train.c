#include "learn/train.h"

#include <string.h>

#include "base/time.h"
#include "cli/progress.h"
#include "learn/publish.h"
#include "learn/stage.h"
#include "quality/quality.h"
#include "registry/release.h"

// Raised whenever the same data and recipe would give another model: then they are trained anew.
#define PROTOCOL 1

// Holds the recipe's expectations against the data. The report and its alert are kept even where
// the training then fails; a dry run's are not.
static bool
gate_pass(struct scope *s, struct db *db, struct store *store, const struct train_request *request)
{
    const struct recipe *recipe = request->recipe;
    struct quality_report report;
    const struct quality_request gate = {
        .spec = &recipe->quality,
        .relation = &relation_observations,
        .parameter = recipe->parameter,
        .subject = recipe->name,
        .as_of = request->as_of,
        .is_dry_run = request->is_dry_run,
    };
    if (!quality_run(s, db, store, &gate, &report))
        return false;
    return report.n_failures == 0 || fail(s, ERROR_GATE, "%s", quality_refusal(s, &report));
}

// The id of what this very training is: the same inputs give the same run.
static const char *
run_id_make(struct scope *s, const struct training *t)
{
    char sha256[HASH_TEXT], day[DAY_TEXT];
    const char *text = scope_print(s, "%s\n%s\n%s\n%s\n%d", t->recipe->name, t->recipe->sha256,
                                   t->dataset->sha256, day_format(t->as_of, day), PROTOCOL);
    return scope_print(s, "%.32s", hash_bytes(text, strlen(text), sha256));
}

// Goes through the three stages.
static bool
training_run(struct scope *s, struct training *t, struct store *store, struct progress *progress)
{
    t->contest = contest_open(t->recipe);
    if (!split_make(s, t->recipe, &t->dataset->panel, t->as_of, &t->split) || !stage_choose(s, t))
        return false;
    progress_move(progress, 3, t->contest.candidates[t->contest.chosen].family);
    if (!stage_finish(s, t, store))
        return false;
    progress_move(
        progress, 4,
        scope_print(s, "test RMSE %.3g", t->contest.candidates[t->contest.chosen].score.rmse));
    t->metrics = report_metrics(s, t);
    return true;
}

// Promotes a version, unless the one in production knows more recent data.
static bool
version_offer(struct scope *s, struct db *db, const struct training *t,
              const struct train_request *request, const struct version *v)
{
    struct version production;
    bool is_found;
    if (!version_in_production(s, db, v->model, &is_found, &production))
        return false;
    if (is_found && production.as_of.n > v->as_of.n)
        return true;
    return version_promote(s, db, v, request->actor, request->as_of, report_evidence(s, t));
}

// Logs the run, registers the version, has its folder there and promotes it: all of it or nothing.
static bool
training_register(struct scope *s, const struct artifact_shelf *shelf, const struct training *t,
                  const char *run_id, const struct train_request *request, struct version *out)
{
    const struct run run =
        report_run(s, t, run_id, request->as_of, request->actor, request->revision);
    const struct version_request version = {
        .model = t->recipe->name,
        .description = t->recipe->description,
        .tag = t->recipe->tag,
        .recipe = scope_copy_n(s, t->recipe->text.at, t->recipe->text.n),
        .recipe_sha256 = t->recipe->sha256,
        .run_id = run_id,
        .family = t->contest.candidates[t->contest.chosen].family,
        .reason = t->contest.reason,
        .artifact_key = t->artifact_key,
        .artifact_sha256 = t->artifact_sha256,
        .metrics = t->metrics,
        .dataset_id = t->dataset->dataset_id,
        .as_of = t->as_of,
        .actor = request->actor,
    };
    const struct package_about about = {
        .run_id = run_id, .sha256 = t->artifact_sha256, .as_of = t->as_of};
    bool is_found;
    struct version registered;
    struct publication files;
    if (!publish_keep(s, shelf->store, t->artifact_key, &about, &files))
        return false;
    struct db *db = shelf->db;
    struct scope change = {0}; // its close rolls back what was not committed
    const bool is_open = db_begin(&change, db) || fail_as(s, &change);
    const bool ok = is_open && run_log(s, db, &run) &&
                    version_register(s, db, &version, &registered) &&
                    publish_name(s, shelf, &registered, &files) &&
                    version_offer(s, db, t, request, &registered) &&
                    version_of_run(s, db, run_id, &is_found, out) && db_commit(s, db);
    scope_close(&change);
    return ok;
}

// What a dry run can say of the version it did not register.
static struct version
version_imagine(struct scope *s, const struct training *t, const char *run_id)
{
    return (struct version){
        .model = t->recipe->name,
        .version = "",
        .run_id = run_id,
        .stage = "",
        .family = t->contest.candidates[t->contest.chosen].family,
        .reason = t->contest.reason,
        .recipe_sha256 = t->recipe->sha256,
        .recipe = scope_copy_n(s, t->recipe->text.at, t->recipe->text.n),
        .artifact_key = t->artifact_key,
        .artifact_sha256 = t->artifact_sha256,
        .metrics = t->metrics,
        .as_of = t->as_of,
        .tag = t->recipe->tag,
    };
}

bool
learn_train(struct scope *s, struct db *db, struct store *store,
            const struct train_request *request, struct train_summary *out)
{
    const double began_s = time_monotonic_s();
    struct store *kept = request->is_dry_run ? NULL : store;
    struct dataset dataset;
    struct training t = {
        .recipe = request->recipe, .dataset = &dataset, .as_of = time_day(request->as_of)};
    bool is_known = false;
    struct progress *progress = progress_open(s, "train", 5, "steps", request->is_quiet);
    *out = (struct train_summary){0};

    if (!gate_pass(s, db, store, request))
        return false;
    progress_move(progress, 1, "reading");
    if (!dataset_make(s, db, kept, t.recipe, t.as_of, &dataset))
        return false;
    const char *run_id = run_id_make(s, &t);
    if (!version_of_run(s, db, run_id, &is_known, &out->version))
        return false;
    if (!is_known) {
        progress_move(progress, 2, "choosing");
        if (!training_run(s, &t, kept, progress))
            return explain(s, "could not train \"%s\"", t.recipe->name);
        out->version = version_imagine(s, &t, run_id);
        const struct artifact_shelf shelf = {db, store, request->actor};
        if (!request->is_dry_run &&
            !training_register(s, &shelf, &t, run_id, request, &out->version))
            return false;
    }
    progress_finish(progress);
    out->is_new = !is_known;
    out->metrics = out->version.metrics;
    out->seconds = time_monotonic_s() - began_s;
    return true;
}
