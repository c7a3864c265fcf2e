#include "track/compare.h"

#include "test.h"

TEST(compare_puts_keys_of_both_runs_side_by_side)
{
    const struct track_pair params_a[] = {{"family", "ridge"}, {"alpha", "1"}};
    const struct track_pair params_b[] = {{"family", "boost"}, {"depth", "4"}};
    const struct track_metric metrics_a[] = {{.key = "rmse", .value = 3},
                                             {.key = "nan", .value = NAN}};
    const struct track_metric metrics_b[] = {{.key = "rmse", .value = 2.5},
                                             {.key = "mae", .value = 1}};
    const struct track_run a = {
        .n_params = 2, .params = params_a, .n_metrics = 2, .metrics = metrics_a};
    const struct track_run b = {
        .n_params = 2, .params = params_b, .n_metrics = 2, .metrics = metrics_b};
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};

    const struct track_comparison c = track_compare(s, &a, &b);
    json_object_begin(&w);
    track_comparison_write(&w, &c);
    json_object_end(&w);

    CHECK_TEXT(text.text, "{\"params\":{"
                          "\"alpha\":{\"a\":\"1\",\"b\":null,\"differs\":true},"
                          "\"depth\":{\"a\":null,\"b\":\"4\",\"differs\":true},"
                          "\"family\":{\"a\":\"ridge\",\"b\":\"boost\",\"differs\":true}},"
                          "\"metrics\":{"
                          "\"mae\":{\"a\":null,\"b\":1,\"delta\":null},"
                          "\"nan\":{\"a\":null,\"b\":null,\"delta\":null},"
                          "\"rmse\":{\"a\":3,\"b\":2.5,\"delta\":-0.5}}}");
}

TEST(compare_of_a_run_with_itself_differs_in_nothing)
{
    const struct track_pair params[] = {{"family", "ridge"}};
    const struct track_run run = {.n_params = 1, .params = params};
    const struct track_comparison c = track_compare(s, &run, &run);
    CHECK(c.n_params == 1 && c.n_metrics == 0);
    CHECK_TEXT(c.params[0].a, c.params[0].b);
}

TEST(compare_of_nothing_is_empty)
{
    const struct track_run none = {0};
    const struct track_comparison c = track_compare(s, &none, &none);
    CHECK(c.n_params == 0 && c.n_metrics == 0);
}
