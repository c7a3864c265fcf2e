#include "model/fit.h"
#include "model/model.h"

#include "sample.h"

// A small artifact of the shipped recipe, fitted on two years of the sample.
static struct artifact
made(struct scope *s, bool is_boost)
{
    const struct panel p = sample_panel(s);
    const struct day last = day_from(2003, 12, 31);
    struct artifact a = {
        .recipe = sample_recipe(s), .interval_factor = 0.45, .interval_scale_floor = 3};
    a.features = feature_fit(s, &a.recipe, &p, last);
    const struct design d = sample_design(s, a.features, &p, day_from(2002, 1, 1), last);
    double alpha;
    int rounds = 10;
    a.model = is_boost ? fit_boost(s, a.features, &a.recipe.boost, 1, &d, NULL, &rounds)
                       : fit_ridge(s, a.features, &a.recipe.ridge, &d, NULL, &alpha);
    CHECK(a.model != NULL);
    a.example = d.X;
    for (size_t i = 0; i < d.n_rows; i++) {
        size_t n = 0;
        for (size_t j = 0; j < d.n_features; j++)
            n += isnan(d.X[i * d.n_features + j]) ? 1 : 0;
        if (n == 0)
            a.example = &d.X[i * d.n_features];
    }
    return a;
}

static struct str
bytes_of(struct scope *s, const struct artifact *a)
{
    struct buf out = buf_open(s, 1 << 18);
    artifact_save(a, &out);
    return (struct str){out.text, out.n};
}

TEST(artifact_loaded_predicts_the_same_and_saves_the_same_bytes)
{
    for (int is_boost = 0; is_boost < 2; is_boost++) {
        const struct artifact a = made(s, is_boost);
        const struct str bytes = bytes_of(s, &a);
        struct artifact b;

        CHECK(artifact_load(s, bytes, &b));

        const struct guess x = artifact_predict(&a, a.example);
        const struct guess y = artifact_predict(&b, b.example);
        CHECK_NEAR(y.value, x.value, 0);
        CHECK_NEAR(y.lower, x.lower, 0);
        CHECK_NEAR(y.upper, x.upper, 0);
        CHECK_TEXT(b.recipe.sha256, a.recipe.sha256);
        CHECK_TEXT(bytes_of(s, &b).at, bytes.at);
    }
}

TEST(artifact_of_the_same_data_has_the_same_bytes)
{
    const struct artifact a = made(s, true), b = made(s, true);

    CHECK_TEXT(bytes_of(s, &b).at, bytes_of(s, &a).at);
}

TEST(artifact_guess_is_raised_to_the_floor_and_its_interval_worked_by_hand)
{
    // Persistence by hand: value v, half width 0.45 * max(3, v).
    const struct panel p = sample_panel(s);
    struct artifact a = made(s, false);
    const struct design d =
        sample_design(s, a.features, &p, day_from(2003, 12, 1), day_from(2003, 12, 31));
    double *x = scope_array(s, d.n_features, sizeof *x);
    a.model = fit_persistence(s, a.features, &d);

    x[0] = 20;
    const struct guess high = artifact_predict(&a, x);
    x[0] = 1;
    const struct guess low = artifact_predict(&a, x);
    x[0] = -4;
    const struct guess below = artifact_predict(&a, x);

    CHECK_NEAR(high.value, 20, 0);
    CHECK_NEAR(high.lower, 11, 1e-14);
    CHECK_NEAR(high.upper, 29, 1e-14);
    CHECK_NEAR(low.lower, 0, 0);
    CHECK_NEAR(low.upper, 2.35, 1e-15);
    CHECK_NEAR(below.value, 0, 0);
    CHECK_NEAR(below.upper, 1.35, 1e-15);
}

static struct str
replaced(struct scope *s, struct str good, const char *from, const char *to)
{
    const char *at = strstr(good.at, from);
    struct buf bad = buf_open(s, good.n + strlen(to));
    if (at == NULL)
        TEST_DIE("the artifact has no %s", from);
    buf_add(&bad, good.at, (size_t)(at - good.at));
    buf_text(&bad, to);
    buf_text(&bad, at + strlen(from));
    return (struct str){bad.text, bad.n};
}

TEST(artifact_damaged_is_refused_by_path)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"airwatch-artifact-1", "pickle",
         "cannot read the artifact: format is \"pickle\", not \"airwatch-artifact-1\""},
        {"\"family\":\"boost\"", "\"family\":\"deep\"",
         "cannot read the artifact: model: family is \"deep\", which is none we know"},
        {"\"n_features\":35", "\"n_features\":36",
         "cannot read the artifact: model.n_features is 36 where there are 35 features"},
        {"\"n_features\":35", "\"n_features\":0",
         "cannot read the artifact: model: n_features is 0, not within 1 and 1024"},
        {"\"feature\":[", "\"feature\":[35,", NULL},
        {"\"n_nodes\":[", "\"n_nodes\":[65535,", NULL},
        {"\"n_nodes\":[", "\"n_nodes\":[-1,",
         "cannot read the artifact: model: n_nodes[0] is -1, not a whole number within 1 and "
         "65535"},
        {"\"left\":[1,", "\"left\":[0,",
         "cannot read the artifact: model: tree 0: node 0 has child 0 of "},
        {"\"left\":[1,", "\"left\":[65000,",
         "cannot read the artifact: model: tree 0: node 0 has child 65000 of "},
        {"\"default_left\":[", "\"default_left\":[true,", NULL},
        {"\"factor\":0.45", "\"factor\":-1",
         "cannot read the artifact: interval.factor is -1, below 0"},
        {"\"scale_floor\":3", "\"scale_floor\":0",
         "cannot read the artifact: interval.scale_floor is 0, not above 0"},
        {"\"example\":[", "\"example\":[1,",
         "cannot read the artifact: example has 36 members, not 35"},
        {"\"format\":", "\"pickle\":1,\"format\":",
         "cannot read the artifact: unknown key \"pickle\" (known: format, recipe, features, "
         "model, interval, example)"},
    };
    const struct artifact a = made(s, true);
    const struct str good = bytes_of(s, &a);
    struct artifact got;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(!artifact_load(s, replaced(s, good, cases[i].from, cases[i].to), &got));
        CHECK(s->kind == ERROR_INPUT);
        const char *want = cases[i].message != NULL ? cases[i].message : "cannot read the artifact";
        if (strncmp(s->message, want, strlen(want)) != 0)
            TEST_DIE("\"%s\" is not \"%s\"", s->message, want);
        scope_forgive(s);
    }
}

TEST(artifact_cut_anywhere_is_refused)
{
    const struct artifact a = made(s, false);
    const struct str good = bytes_of(s, &a);
    struct artifact got;

    for (size_t n = 0; n + 1 < good.n; n += 1 + good.n / 60) { // the last byte is a line end
        const struct scope_mark mark = scope_mark(s);
        CHECK(!artifact_load(s, (struct str){good.at, n}, &got));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
        scope_release(s, mark);
    }
}
