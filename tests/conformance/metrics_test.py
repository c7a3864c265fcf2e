"""Metrics: the latest value, the history and its pages, bulk and interval reading."""
import math

import pytest
from support import accepted, refused


def log(raw, run, key, *points):
    accepted(raw.post("runs/log-batch", {"run_id": run, "metrics": [{"key": key, "value": value, "timestamp": timestamp, "step": step}
                                                                     for value, timestamp, step in points]}))


def latest(client, run, key):
    return client.get_run(run).data.metrics[key]


def test_every_point_is_kept_in_order(client, raw, run):
    log(raw, run, "m", (3.0, 30, 0), (1.0, 10, 5), (2.0, 20, 1), (2.5, 20, 1), (0.5, 20, 0))

    history = [(m.timestamp, m.step, m.value) for m in client.get_metric_history(run, "m")]
    assert history == [(10, 5, 1.0), (20, 0, 0.5), (20, 1, 2.0), (20, 1, 2.5), (30, 0, 3.0)]


@pytest.mark.parametrize("points, value", [
    ([(1.0, 100, 1), (2.0, 50, 2)], 2.0),                       # the greater step wins over the later time
    ([(1.0, 100, 1), (2.0, 50, 1)], 1.0),                       # then the later time
    ([(1.0, 100, 1), (2.0, 100, 1)], 2.0),                      # then the greater value
    ([(2.0, 100, 1), (1.0, 100, 1)], 2.0),
    ([(5.0, 1, -10), (6.0, 1, -9)], 6.0),
    ([(5.0, 1, 0), (6.0, 1, -9)], 5.0),
])
def test_the_latest_value(client, raw, run, points, value):
    for point in points:
        log(raw, run, "m", point)
    assert latest(client, run, "m") == value


def test_the_latest_value_within_a_batch(client, raw, run):
    log(raw, run, "m", (1.0, 100, 9), (7.0, 50, 10), (2.0, 200, 3))

    assert latest(client, run, "m") == 7.0


def test_a_point_logged_twice_is_one(client, raw, run):
    for _ in range(3):
        client.log_metric(run, "m", 1.25, timestamp=7, step=3)

    assert [(m.value, m.timestamp, m.step) for m in client.get_metric_history(run, "m")] == [(1.25, 7, 3)]


@pytest.mark.parametrize("value", [0.0, -0.1, 1e-320, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 123456789.123456789, -1e300, 2**53 + 0.0])
def test_a_double_survives(client, run, value):
    client.log_metric(run, "m", value)

    assert latest(client, run, "m") == value
    assert client.get_metric_history(run, "m")[0].value == value


@pytest.mark.parametrize("step", [0, -5, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_a_step_is_any_int64(client, run, step):
    client.log_metric(run, "m", 1, step=step, timestamp=1)

    assert client.get_metric_history(run, "m")[0].step == step


def test_not_a_number_and_infinities(client, run):
    for key, value in (("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf)):
        client.log_metric(run, key, value)

    metrics = client.get_run(run).data.metrics
    assert math.isnan(metrics["nan"]) and math.isnan(client.get_metric_history(run, "nan")[0].value)
    assert metrics["inf"] >= 1.7976931348623157e308 and metrics["-inf"] <= -1.7976931348623157e308


def test_not_a_number_among_numbers(client, raw, run):
    log(raw, run, "m", (1.0, 1, 1), ("NaN", 2, 2), (3.0, 3, 3))
    log(raw, run, "n", (1.0, 1, 1), ("NaN", 2, 2))

    values = [m.value for m in client.get_metric_history(run, "m")]
    assert (values[0], math.isnan(values[1]), values[2]) == (1.0, True, 3.0)
    assert latest(client, run, "m") == 3.0
    assert math.isnan(latest(client, run, "n"))


def test_a_negative_time_is_refused(raw, run):
    refused(raw.post("runs/log-metric", {"run_id": run, "key": "k", "value": 1, "timestamp": -1}), "timestamp")


def test_true_counts_as_one(client, raw, run):
    accepted(raw.post("runs/log-metric", {"run_id": run, "key": "k", "value": True, "timestamp": 1}))

    assert latest(client, run, "k") == 1.0


def test_an_unknown_key_has_no_history(client, run):
    assert client.get_metric_history(run, "never") == []


def test_history_page_by_page(client, raw, run):
    log(raw, run, "m", *[(float(i), i, i) for i in range(25)])

    values, token = [], None
    for expected in (10, 10, 5):
        query = {"run_id": run, "metric_key": "m", "max_results": "10", **({"page_token": token} if token else {})}
        page = accepted(raw.get("metrics/get-history", **query))
        assert len(page["metrics"]) == expected
        values, token = values + [m["value"] for m in page["metrics"]], page.get("next_page_token")
    assert not token
    assert values == [float(i) for i in range(25)]
    assert len(accepted(raw.get("metrics/get-history", run_id=run, metric_key="m"))["metrics"]) == 25
    refused(raw.get("metrics/get-history", run_id=run, metric_key="m", max_results="-1"))
    refused(raw.get("metrics/get-history", run_id=run, metric_key="m", max_results="5", page_token="garbage"))


def interval(raw, run_ids, **query):
    return raw.send("GET", "metrics/get-history-bulk-interval", params={"run_ids": run_ids, "metric_key": "m", **query})


def test_interval_reads_runs_side_by_side(client, raw, experiment):
    runs = [client.create_run(experiment).info.run_id for _ in range(2)]
    for run in runs:
        log(raw, run, "m", *[(float(i), 100 + i, i) for i in range(10)])

    metrics = accepted(interval(raw, runs))["metrics"]
    for run in runs:
        assert sorted((m["step"], m["value"]) for m in metrics if m["run_id"] == run) == [(i, float(i)) for i in range(10)]
    within = accepted(interval(raw, runs, start_step=3, end_step=5))["metrics"]
    assert {m["step"] for m in within} == {3, 4, 5}


def test_interval_thins_out_but_keeps_both_ends(raw, run):
    log(raw, run, "m", *[(float(i), i, i) for i in range(100)])

    metrics = accepted(interval(raw, [run], max_results=10))["metrics"]
    steps = [m["step"] for m in metrics]
    assert len(steps) <= 12
    assert (min(steps), max(steps)) == (0, 99)
    inner = [m["step"] for m in accepted(interval(raw, [run], max_results=5, start_step=10, end_step=19))["metrics"]]
    assert (min(inner), max(inner)) == (10, 19) and len(inner) <= 7


@pytest.mark.parametrize("query, words", [
    ({"start_step": 1}, "both must be specified"),
    ({"end_step": 1}, "both must be specified"),
    ({"start_step": 5, "end_step": 1}, "end_step must be greater than start_step"),
    ({"max_results": 0}, "max_results must be between 1 and 2500"),
    ({"max_results": 2501}, "max_results must be between 1 and 2500"),
])
def test_a_senseless_interval_is_refused(raw, run, query, words):
    refused(interval(raw, [run], **query), words)


def test_interval_limits_its_runs(raw, run):
    assert interval(raw, [run] + ["%032x" % i for i in range(100)]).status == 400
    refused(raw.get("metrics/get-history-bulk-interval", metric_key="m"), "run_ids")
    refused(raw.get("metrics/get-history-bulk-interval", run_ids=run), "metric_key")


def bulk(raw, *query):
    return raw.send("GET", "metrics/get-history-bulk", "/ajax-api/2.0/mlflow/", params=list(query))


def test_bulk_reads_runs_side_by_side(client, raw, experiment):
    runs = [client.create_run(experiment).info.run_id for _ in range(2)]
    for run in runs:
        log(raw, run, "m", *[(float(i), 100 + i, i) for i in range(5)])

    reply = bulk(raw, *[("run_id", run) for run in runs], ("metric_key", "m"))
    metrics = reply.json["metrics"]
    assert [(m["key"], m["value"], m["timestamp"], m["step"]) for m in metrics if m["run_id"] == runs[1]] == [("m", float(i), 100 + i, i) for i in range(5)]
    assert len(bulk(raw, *[("run_id", run) for run in runs], ("metric_key", "m"), ("max_results", "7")).json["metrics"]) == 7


@pytest.mark.airwatch
def test_bulk_is_json_even_with_nan(raw, run):
    log(raw, run, "m", ("NaN", 1, 1))

    assert '"NaN"' in bulk(raw, ("run_id", run), ("metric_key", "m")).text


def test_bulk_wants_runs_and_a_key(raw, run):
    refused(bulk(raw, ("metric_key", "m")), "GetMetricHistoryBulk request must specify at least one run_id")
    refused(bulk(raw, ("run_id", run)), "must specify a metric_key")
    refused(bulk(raw, *[("run_id", "%032x" % i) for i in range(101)], ("metric_key", "m")), "cannot specify more than")


def test_many_points_of_one_metric(client, raw, run):
    for first in range(0, 5000, 1000):
        log(raw, run, "m", *[(float(i), i, i) for i in range(first, first + 1000)])

    history = client.get_metric_history(run, "m")
    assert [m.value for m in history] == [float(i) for i in range(5000)]
