#include "learn/report.h"

#include <assert.h>
#include <string.h>

#define PARAMS_MOST 24
#define METRICS_MOST 64
#define TAGS_MOST 16

struct notes { // a run's parts as they are collected
    struct scope *s;
    struct run_text *params, *tags;
    struct run_metric *metrics;
    size_t n_params, n_tags, n_metrics;
};

static void
param_add(struct notes *n, const char *key, const char *value)
{
    assert(n->n_params < PARAMS_MOST);
    n->params[n->n_params++] = (struct run_text){key, value};
}

static void
number_add(struct notes *n, const char *key, double value)
{
    struct buf text = buf_open(n->s, 32);
    buf_number(&text, value);
    param_add(n, key, text.text);
}

static void
tag_add(struct notes *n, const char *key, const char *value)
{
    assert(n->n_tags < TAGS_MOST);
    n->tags[n->n_tags++] = (struct run_text){key, value};
}

static void
metric_add(struct notes *n, const char *key, double value)
{
    assert(n->n_metrics < METRICS_MOST);
    n->metrics[n->n_metrics++] = (struct run_metric){.key = key, .value = value};
}

static void
params_collect(struct notes *n, const struct training *t)
{
    const struct recipe *recipe = t->recipe;
    const struct candidate *chosen = &t->contest.candidates[t->contest.chosen];
    param_add(n, "family", chosen->family);
    param_add(n, "parameter", db_int(n->s, recipe->parameter));
    param_add(n, "target", recipe->target_name);
    param_add(n, "horizon_days", db_int(n->s, recipe->horizon_days));
    param_add(n, "calibrate_days", db_int(n->s, recipe->calibrate_days));
    param_add(n, "test_days", db_int(n->s, recipe->test_days));
    param_add(n, "seed", scope_print(n->s, "%llu", (unsigned long long)recipe->seed));
    number_add(n, "coverage", recipe->coverage);
    number_add(n, "gap_limit", recipe->gap_limit);
    for (size_t i = 0; i < t->contest.n; i++) {
        const struct candidate *c = &t->contest.candidates[i];
        if (strcmp(c->family, "ridge") == 0)
            number_add(n, "ridge/alpha", c->alpha);
        if (strcmp(c->family, "boost") == 0) {
            number_add(n, "boost/rounds", c->rounds);
            number_add(n, "boost/depth", recipe->boost.depth);
            number_add(n, "boost/learning_rate", recipe->boost.learning_rate);
        }
    }
}

// The chosen family's numbers under their plain names, then each candidate's under its own.
static void
metrics_collect(struct notes *n, const struct training *t)
{
    for (size_t i = 0; i <= t->contest.n; i++) {
        const bool is_plain = i == 0;
        const struct candidate *c = &t->contest.candidates[is_plain ? t->contest.chosen : i - 1];
        const char *prefix = is_plain ? "" : scope_print(n->s, "%s/", c->family);
        const struct {
            const char *key;
            double value;
        } all[] = {
            {"mse", c->score.mse},
            {"rmse", c->score.rmse},
            {"mae", c->score.mae},
            {"r2", c->score.r2},
            {"bias", c->score.bias},
            {"skill", c->skill},
            {"skill_climatology", c->skill_climatology},
            {"validation_rmse", c->validation_rmse},
            {"train_rmse", c->train_rmse},
            {"gap", c->gap},
        };
        for (size_t j = 0; j < sizeof all / sizeof *all; j++)
            metric_add(n, scope_print(n->s, "%s%s", prefix, all[j].key), all[j].value);
    }
    metric_add(n, "coverage", interval_coverage(&t->coverage));
    metric_add(n, "interval_width", interval_mean_width(&t->coverage));
}

static void
tags_collect(struct notes *n, const struct training *t, const char *name, const char *actor,
             const char *revision)
{
    tag_add(n, "mlflow.runName", name);
    tag_add(n, "mlflow.user", actor);
    tag_add(n, "mlflow.source.name", "airwatch train");
    tag_add(n, "mlflow.source.type", "JOB");
    tag_add(n, "mlflow.source.git.commit", revision);
    tag_add(n, "mlflow.note.content", t->contest.reason);
    tag_add(n, "airwatch.recipe.sha256", t->recipe->sha256);
    tag_add(n, "airwatch.dataset.sha256", t->dataset->sha256);
    tag_add(n, "airwatch.dataset.key", t->dataset->key);
    tag_add(n, "airwatch.artifact.key", t->artifact_key);
    tag_add(n, "airwatch.artifact.sha256", t->artifact_sha256);
}

struct run
report_run(struct scope *s, const struct training *t, const char *run_id, int64_t as_of,
           const char *actor, const char *revision)
{
    struct notes n = {
        .s = s,
        .params = scope_array(s, PARAMS_MOST, sizeof *n.params),
        .tags = scope_array(s, TAGS_MOST, sizeof *n.tags),
        .metrics = scope_array(s, METRICS_MOST, sizeof *n.metrics),
    };
    char day[DAY_TEXT];
    const char *name = scope_print(s, "%s %s", t->recipe->name, day_format(t->as_of, day));

    params_collect(&n, t);
    metrics_collect(&n, t);
    tags_collect(&n, t, name, actor, revision);
    return (struct run){
        .run_id = run_id,
        .experiment = t->recipe->name,
        .name = name,
        .started_ms = as_of * 1000,
        .ended_ms = as_of * 1000, // a run happens at its as-of time; ops.job has the wall clock's
        .model_key = t->artifact_key,
        .model_sha256 = t->artifact_sha256,
        .dataset_id = t->dataset->dataset_id,
        .n_params = n.n_params,
        .n_metrics = n.n_metrics,
        .n_tags = n.n_tags,
        .params = n.params,
        .tags = n.tags,
        .metrics = n.metrics,
    };
}
