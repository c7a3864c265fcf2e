#include "feature/recipe.h"

#include "base/file.h"

#include "test.h"

static char *
shipped(struct scope *s)
{
    struct str text;
    CHECK(file_read(s, "deploy/models/pm-next-day.json", 1 << 20, &text));
    return scope_copy_n(s, text.at, text.n);
}

// Reads the shipped recipe with one piece of its text replaced.
static bool
read_changed(struct scope *s, const char *from, const char *to, struct recipe *out)
{
    const char *text = shipped(s), *at = strstr(text, from);
    CHECK(at != NULL);
    struct buf b = buf_open(s, 4096);
    buf_add(&b, text, (size_t)(at - text));
    buf_text(&b, to);
    buf_text(&b, at + strlen(from));
    return recipe_read(s, (struct str){b.text, b.n}, out);
}

TEST(recipe_that_ships_is_read_whole)
{
    const char *text = shipped(s);
    char want[HASH_TEXT];
    struct recipe r;

    CHECK(recipe_read(s, (struct str){text, strlen(text)}, &r));

    CHECK_TEXT(r.name, "pm-next-day");
    CHECK_TEXT(r.sha256, hash_bytes(text, strlen(text), want));
    CHECK(r.parameter == 81102 && r.horizon_days == 1 && r.seed == 1 && r.tag == 1);
    CHECK_NEAR(r.target_floor, 0, 0);
    CHECK(r.features.n_lags == 8 && r.features.lags[7] == 13);
    CHECK(r.features.n_rolling == 7);
    CHECK(r.features.rolling[4].statistic == ROLLING_SD && r.features.rolling[4].days == 7 &&
          r.features.rolling[4].at_least == 4);
    CHECK(r.features.n_neighbours == 2);
    CHECK_NEAR(r.features.neighbours[1].within_km, 500, 0);
    CHECK(r.ridge.n_alphas == 6);
    CHECK_NEAR(r.ridge.alphas[5], 100000, 0);
    CHECK(r.boost.rounds == 400);
    CHECK(r.calibrate_days == 365 && r.test_days == 365 && r.retrain_days == 28);
    CHECK(r.quality.n == 11);
    CHECK_TEXT(r.quality.items[0].name, "rows");
    CHECK_NEAR(r.quality.items[0].low.number, 1000, 0);
}

TEST(recipe_errors_name_the_path)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"seed\": 1", "\"seeds\": 1",
         "unknown key \"seeds\" (known: name, description, tag, task, data, target, features, "
         "families, split, choice, interval, retrain_days, quality, seed)"},
        {"\"depth\":", "\"depht\":",
         "families.boost: unknown key \"depht\" (known: rounds, early_stopping, depth, "
         "learning_rate, subsample, colsample, min_child_weight, lambda)"},
        {"\"persistence\": {}", "\"persistence\": {\"k\": 1}",
         "families.persistence: unknown key \"k\" (known: )"},
        {"\"seed\": 1", "\"seed\": 1.5", "seed is 1.5, not a whole number"},
        {"\"seed\": 1", "\"seed\": -1", "seed is -1, not within 0 and 9.0072e+15"},
        {"\"task\": \"regression\"", "\"task\": \"guessing\"",
         "task is \"guessing\", not regression"},
        {"\"pm-next-day\"", "\"../etc\"",
         "name is \"../etc\", not 1 to 63 of a-z, 0-9 and inner hyphens"},
        {"\"lags\": [0, ", "\"lags\": [1, ", "features.lags[1] is 1 again"},
        {"\"lags\": [0, ", "\"lags\": [",
         "features.lags lacks 0, the origin day, which "
         "persistence repeats"},
        {"\"lags\": [0, ", "\"lags\": [-1, ", "features.lags[0] is -1, not within 0 and 400"},
        {"\"days\": 3, \"at_least\": 2", "\"days\": 3, \"at_least\": 4",
         "features.rolling[0].at_least is 4, not within 1 and 3"},
        {"\"statistic\": \"sd\"", "\"statistic\": \"median\"",
         "features.rolling[4].statistic is \"median\", not mean, sd, min or max"},
        {"\"days\": 14, \"at_least\": 7", "\"days\": 7, \"at_least\": 7",
         "features.rolling[2] is mean over 7 days again"},
        {"\"nearest\": 20", "\"nearest\": 0",
         "features.neighbours[1].nearest is 0, not within 1 and 100"},
        {"\"nearest\": 20", "\"nearest\": 5", "features.neighbours[1].nearest is 5 again"},
        {"[10, 100, 1000, 10000, 30000, 100000]", "[]",
         "families.ridge.alpha has 0 members, not 1 to 32"},
        {"\"coverage\": 0.8", "\"coverage\": 1",
         "interval.coverage is 1, not within 0.01 and 0.999"},
        {"\"learning_rate\": 0.1", "\"learning_rate\": 0",
         "families.boost.learning_rate is 0, not within 0.001 and 1"},
        {"\"run_days\": 7", "\"run_days\": 1", "quality[8]: run_days is 1, not within 2 and 3650"},
    };
    struct recipe r;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_FAILS(read_changed(s, cases[i].from, cases[i].to, &r), ERROR_INPUT,
                    scope_print(s, "cannot read the recipe: %s", cases[i].message));
}

TEST(recipe_of_wrong_types_or_without_a_part_is_refused)
{
    struct recipe r;

    CHECK(!read_changed(s, "\"weekday\": true", "\"weekday\": 1", &r));
    CHECK(strstr(s->message, "features.calendar.weekday") != NULL);
    scope_forgive(s);
    CHECK(!read_changed(s, "\"retrain_days\": 28,", "", &r));
    CHECK(strstr(s->message, "retrain_days") != NULL);
    scope_forgive(s);
    CHECK(!read_changed(s, "\"climatology\": {},", "", &r));
    CHECK(strstr(s->message, "families.climatology") != NULL);
    scope_forgive(s);
    CHECK(!recipe_read(s, (struct str){"[]", 2}, &r));
    CHECK_TEXT(s->message, "cannot read the recipe: not a JSON object");
}

TEST(recipe_may_leave_out_families_and_the_floor)
{
    struct recipe r;

    CHECK(read_changed(s, ", \"floor\": 0}", "}", &r));
    CHECK(isnan(r.target_floor));
    CHECK(
        read_changed(s, "\"ridge\": {\"alpha\": [10, 100, 1000, 10000, 30000, 100000]},", "", &r));
    CHECK(r.ridge.n_alphas == 0 && r.boost.rounds > 0);
}
