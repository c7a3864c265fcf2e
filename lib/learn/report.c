#include "learn/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct candidate *
chosen_of(const struct training *t)
{
    return &t->contest.candidates[t->contest.chosen];
}

static void
span_write(struct json_writer *w, const char *key, struct span span, size_t n)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    json_put_key(w, key);
    json_object_begin(w);
    json_pair_text(w, "from", day_format(span.from, from));
    json_pair_text(w, "to", day_format(span.to, to));
    json_pair_int(w, "n", (int64_t)n);
    json_object_end(w);
}

static void
score_write(struct json_writer *w, const struct regression_summary *score)
{
    json_pair_int(w, "n", (int64_t)score->n);
    json_pair_number(w, "mse", score->mse);
    json_pair_number(w, "rmse", score->rmse);
    json_pair_number(w, "mae", score->mae);
    json_pair_number(w, "r2", score->r2);
    json_pair_number(w, "bias", score->bias);
}

static void
candidate_write(struct json_writer *w, const struct candidate *c)
{
    json_object_begin(w);
    json_pair_text(w, "family", c->family);
    score_write(w, &c->score);
    json_pair_number(w, "skill", c->skill);
    json_pair_number(w, "skill_climatology", c->skill_climatology);
    json_pair_number(w, "validation_rmse", c->validation_rmse);
    json_pair_number(w, "train_rmse", c->train_rmse);
    json_pair_number(w, "gap", c->gap);
    json_pair_bool(w, "eligible", c->is_eligible);
    json_pair_bool(w, "chosen", c->is_chosen);
    json_put_key(w, "params");
    json_object_begin(w);
    if (strcmp(c->family, "ridge") == 0)
        json_pair_number(w, "alpha", c->alpha);
    if (strcmp(c->family, "boost") == 0)
        json_pair_int(w, "rounds", c->rounds);
    json_object_end(w);
    json_object_end(w);
}

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The median of the finite ones among n numbers, which it sorts; NaN if there is none.
static double
median(size_t n, double x[])
{
    size_t n_finite = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]))
            x[n_finite++] = x[i];
    if (n_finite == 0)
        return NAN;
    qsort(x, n_finite, sizeof *x, by_size);
    return (x[(n_finite - 1) / 2] + x[n_finite / 2]) / 2;
}

static void
site_write(struct json_writer *w, const char *site, const struct regression_summary *score,
           double skill, double persistence_rmse)
{
    json_object_begin(w);
    json_pair_text(w, "site", site);
    score_write(w, score);
    json_pair_number(w, "skill", skill);
    json_pair_number(w, "persistence_rmse", persistence_rmse);
    json_object_end(w);
}

// Writes "sites" and "median": the chosen family on test, station by station.
static void
sites_write(struct scope *s, struct json_writer *w, const struct training *t)
{
    const struct panel *p = &t->dataset->panel;
    struct regression *model = scope_array(s, p->n_sites, sizeof *model);
    struct regression *repeat = scope_array(s, p->n_sites, sizeof *repeat);
    double *rmse = scope_array(s, p->n_sites, sizeof *rmse);
    double *r2 = scope_array(s, p->n_sites, sizeof *r2);
    double *skill = scope_array(s, p->n_sites, sizeof *skill);
    size_t n = 0;
    for (size_t i = 0; i < t->test.n_rows; i++) {
        regression_add(&model[t->test.site[i]], t->test.y[i], chosen_of(t)->test[i]);
        regression_add(&repeat[t->test.site[i]], t->test.y[i], t->contest.candidates[0].test[i]);
    }
    json_put_key(w, "sites");
    json_array_begin(w);
    for (size_t j = 0; j < p->n_sites; j++) {
        struct regression_summary score, baseline;
        struct scope silent = {0}; // a station without a row on test has nothing to tell
        if (regression_summarise(&silent, &model[j], &score) &&
            regression_summarise(&silent, &repeat[j], &baseline)) {
            rmse[n] = score.rmse;
            r2[n] = score.r2;
            skill[n] = regression_skill(&model[j], &repeat[j]);
            site_write(w, p->sites[j], &score, skill[n], baseline.rmse);
            n++;
        }
        scope_close(&silent);
    }
    json_array_end(w);
    json_put_key(w, "median");
    json_object_begin(w);
    json_pair_number(w, "rmse", median(n, rmse));
    json_pair_number(w, "r2", median(n, r2));
    json_pair_number(w, "skill", median(n, skill));
    json_object_end(w);
}

static void
coverage_write(struct json_writer *w, const struct training *t)
{
    json_put_key(w, "coverage");
    json_object_begin(w);
    json_pair_number(w, "nominal", t->recipe->coverage);
    json_pair_number(w, "measured", interval_coverage(&t->coverage));
    json_pair_number(w, "width", interval_mean_width(&t->coverage));
    json_pair_number(w, "factor", t->interval_factor);
    json_pair_number(w, "scale_floor", t->interval_scale_floor);
    json_object_end(w);
}

const char *
report_metrics(struct scope *s, const struct training *t)
{
    const struct contest *c = &t->contest;
    struct buf out = buf_open(s, 16384);
    struct json_writer w = {.out = &out};
    char as_of[DAY_TEXT];
    json_object_begin(&w);
    json_pair_text(&w, "model", t->recipe->name);
    json_pair_text(&w, "target", t->recipe->target_name);
    json_pair_text(&w, "unit", t->recipe->unit);
    json_pair_int(&w, "horizon_days", t->recipe->horizon_days);
    json_pair_text(&w, "as_of", day_format(t->as_of, as_of));
    json_pair_text(&w, "chosen", chosen_of(t)->family);
    json_pair_text(&w, "reason", c->reason);
    span_write(&w, "train", t->split.train, t->n_train);
    span_write(&w, "calibrate", t->split.calibrate, t->n_calibrate);
    span_write(&w, "test", t->split.test, t->test.n_rows);
    json_put_key(&w, "candidates");
    json_array_begin(&w);
    for (size_t i = 0; i < c->n; i++)
        candidate_write(&w, &c->candidates[i]);
    json_array_end(&w);
    sites_write(s, &w, t);
    coverage_write(&w, t);
    json_object_end(&w);
    return out.text;
}

const char *
report_evidence(struct scope *s, const struct training *t)
{
    const struct candidate *chosen = chosen_of(t);
    struct buf out = buf_open(s, 512);
    struct json_writer w = {.out = &out};
    json_object_begin(&w);
    json_pair_text(&w, "reason", t->contest.reason);
    span_write(&w, "test", t->split.test, t->test.n_rows);
    json_pair_number(&w, "rmse", chosen->score.rmse);
    json_pair_number(&w, "skill", chosen->skill);
    json_pair_number(&w, "coverage", interval_coverage(&t->coverage));
    json_object_end(&w);
    return out.text;
}
