"""Addresses, bodies, types and errors: what every endpoint does alike."""
import json

import pytest
import requests
from support import ADDRESS, HUGE, Raw, accepted, differs, missing, refused, unique

HEALTHY = differs((200, 503), (200,))  # our health speaks of predictions too: 503 until a model is served


@pytest.mark.parametrize("prefix", ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"])
def test_both_prefixes_answer(raw, experiment, prefix):
    reply = raw.send("GET", "experiments/get", prefix, params={"experiment_id": experiment})

    assert accepted(reply)["experiment"]["experiment_id"] == experiment


def test_health_and_version_need_no_credentials():
    stranger = Raw(token="")

    health, version = stranger.send("GET", "health", "/"), stranger.send("GET", "version", "/")

    assert health.status in HEALTHY, health
    assert version.status == 200
    assert [int(part) >= 0 for part in version.text.strip().split(".")[:2]] == [True, True]


@pytest.mark.airwatch
def test_health_tells_its_parts():
    assert Raw(token="").send("GET", "health", "/").json["parts"]["database"]["state"] == "up"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_content_type_is_refused(raw, kind):
    reply = raw.send("POST", "experiments/create", data=json.dumps({"name": unique()}), headers={"Content-Type": kind})

    refused(reply, "Content-Type")


def test_a_content_type_may_have_parameters(raw):
    reply = raw.send("POST", "experiments/create", data=json.dumps({"name": unique()}),
                     headers={"Content-Type": "application/json; charset=utf-8"})

    accepted(reply)


@pytest.mark.parametrize("body", ["{}", *differs(["[]", ""], [])])
def test_an_empty_body_misses_its_required_fields(raw, body):
    reply = raw.send("POST", "experiments/create", data=body, headers={"Content-Type": "application/json"})

    refused(reply, "Missing value for required parameter 'name'")


def test_json_within_json_is_read_again(raw):
    name = unique()

    accepted(raw.send("POST", "experiments/create", json=json.dumps({"name": name})))

    assert accepted(raw.get("experiments/get-by-name", experiment_name=name))["experiment"]["name"] == name


def test_unknown_fields_are_ignored(raw):
    accepted(raw.post("experiments/create", {"name": unique(), "colour": {"of": ["the", "sea"]}}))


@pytest.mark.parametrize("path, message, words", [
    ("experiments/create", {"name": 123}, "Invalid value 123 for parameter 'name' supplied"),
    ("experiments/create", {"name": "x", "artifact_location": 9.0}, "Invalid value 9.0 for parameter 'artifact_location' supplied"),
    ("experiments/create", {"name": "x", "tags": "5"}, "Invalid value \"5\" for parameter 'tags' supplied"),
    ("runs/log-metric", {"run_id": 31, "key": "k", "value": 1, "timestamp": 1}, "Invalid value 31 for parameter 'run_id' supplied"),
    ("runs/log-metric", {"run_id": "r", "key": 31, "value": 1, "timestamp": 1}, "Invalid value 31 for parameter 'key' supplied"),
    ("runs/log-metric", {"run_id": "r", "key": "k", "value": 1, "timestamp": "foo"}, "Invalid value \"foo\" for parameter 'timestamp' supplied"),
    ("runs/log-metric", {"run_id": "r", "key": "k", "value": 1, "timestamp": 1, "step": "foo"}, "Invalid value \"foo\" for parameter 'step' supplied"),
    ("runs/log-parameter", {"run_id": "r", "key": 31, "value": "v"}, "Invalid value 31 for parameter 'key' supplied"),
    ("runs/set-tag", {"run_id": 31, "key": "k", "value": "v"}, "Invalid value 31 for parameter 'run_id' supplied"),
    ("runs/set-tag", {"run_id": "r", "key": "k", "value": 12}, "Invalid value 12 for parameter 'value' supplied"),
    ("runs/log-batch", {"run_id": 31}, "Invalid value 31 for parameter 'run_id' supplied"),
    ("runs/log-batch", {"run_id": "r", "metrics": "foo"}, "Invalid value \"foo\" for parameter 'metrics' supplied"),
    ("runs/search", {"experiment_ids": "0"}, "Invalid value \"0\" for parameter 'experiment_ids' supplied"),
    ("runs/search", {"experiment_ids": ["0"], "max_results": "many"}, "Invalid value \"many\" for parameter 'max_results' supplied"),
])
def test_a_value_of_the_wrong_type_is_named(raw, path, message, words):
    refused(raw.post(path, message), words)


@pytest.mark.parametrize("path, message, name", [
    ("experiments/create", {}, "name"), ("experiments/create", {"name": ""}, "name"),
    ("experiments/delete", {}, "experiment_id"), ("experiments/restore", {}, "experiment_id"),
    ("experiments/update", {"experiment_id": "0"}, "new_name"), ("experiments/update", {"new_name": "x"}, "experiment_id"),
    ("experiments/set-experiment-tag", {"experiment_id": "0"}, "key"),
    ("runs/update", {}, "run_id"), ("runs/delete", {}, "run_id"), ("runs/restore", {}, "run_id"),
    ("runs/log-metric", {"key": "k", "value": 1, "timestamp": 1}, "run_id"),
    ("runs/log-metric", {"run_id": "r", "value": 1, "timestamp": 1}, "key"),
    ("runs/log-metric", {"run_id": "r", "key": None, "value": 1, "timestamp": 1}, "key"),
    ("runs/log-metric", {"run_id": "r", "key": "k", "timestamp": 1}, "value"),
    ("runs/log-metric", {"run_id": "r", "key": "k", "value": 1}, "timestamp"),
    ("runs/log-parameter", {"run_id": "r", "value": "1"}, "key"),
    ("runs/set-tag", {"run_id": "r"}, "key"), ("runs/delete-tag", {"run_id": "r"}, "key"),
    ("runs/log-batch", {}, "run_id"), ("runs/log-inputs", {}, "run_id"),
    ("registered-models/create", {}, "name"), ("registered-models/rename", {"name": "x"}, "new_name"),
    ("registered-models/set-tag", {"name": "x"}, "key"), ("registered-models/alias", {"name": "x", "alias": "a"}, "version"),
    ("model-versions/create", {"name": "x"}, "source"), ("model-versions/create", {"source": "x"}, "name"),
    ("model-versions/transition-stage", {"name": "x", "version": "1"}, "stage"),
    ("model-versions/set-tag", {"name": "x", "version": "1"}, "key"),
    ("logged-models", {"name": "x"}, "experiment_id"),
])
def test_a_missing_field_is_named(raw, path, message, name):
    refused(raw.post(path, message), f"Missing value for required parameter '{name}'")


@pytest.mark.parametrize("path, query, name", [
    ("experiments/get", {}, "experiment_id"), ("experiments/get-by-name", {}, "experiment_name"),
    ("metrics/get-history", {"run_id": "r"}, "metric_key"), ("registered-models/get", {}, "name"),
    ("registered-models/alias", {"name": "x"}, "alias"), ("model-versions/get", {"name": "x"}, "version"),
    ("model-versions/get-download-uri", {"version": "1"}, "name"),
])
def test_a_missing_query_parameter_is_named(raw, path, query, name):
    refused(raw.get(path, **query), f"Missing value for required parameter '{name}'")


def test_whole_numbers_come_as_numbers_and_may_be_sent_as_text(raw, run):
    accepted(raw.post("runs/log-metric", {"run_id": run, "key": "k", "value": "1.5", "timestamp": "9007199254740993", "step": "-7"}))

    metric = accepted(raw.get("metrics/get-history", run_id=run, metric_key="k"))["metrics"][0]
    assert (metric["timestamp"], metric["step"], metric["value"]) == (9007199254740993, -7, 1.5)


def test_empty_lists_and_absent_fields_are_left_out(raw, run):
    found = accepted(raw.get("runs/get", run_id=run))["run"]

    assert "end_time" not in found["info"]
    assert "metrics" not in found["data"] and "params" not in found["data"]
    assert accepted(raw.get("metrics/get-history", run_id=run, metric_key="none")) == {}


def test_enums_go_by_name_or_number(raw, run):
    assert accepted(raw.post("runs/update", {"run_id": run, "status": 3}))["run_info"]["status"] == "FINISHED"
    assert accepted(raw.post("runs/update", {"run_id": run, "status": "FAILED"}))["run_info"]["status"] == "FAILED"


def test_an_unknown_enum_is_refused(raw, run):
    reply = raw.post("runs/update", {"run_id": run, "status": "NOPE"})

    assert reply.status == differs(400, 200), reply
    assert accepted(raw.get("runs/get", run_id=run))["run"]["info"]["status"] == "RUNNING"


def test_text_other_than_a_number_is_no_double(raw, run):
    refused(raw.post("runs/log-metric", {"run_id": run, "key": "k", "value": "high", "timestamp": 1}),
            "Invalid value \"high\" for parameter 'value' supplied")


def test_not_a_number_travels_as_text(raw, run):
    accepted(raw.post("runs/log-metric", {"run_id": run, "key": "k", "value": "NaN", "timestamp": 1}))

    reply = raw.get("metrics/get-history", run_id=run, metric_key="k")
    assert accepted(reply)["metrics"][0]["value"] == "NaN"


def test_a_bare_nan_is_no_zero(raw, run):
    reply = raw.send("POST", "runs/log-metric", data='{"run_id": "%s", "key": "k", "value": NaN, "timestamp": 5}' % run,
                     headers={"Content-Type": "application/json"})

    assert reply.status in (200, 400), reply
    if reply.status == 200:
        value = accepted(raw.get("metrics/get-history", run_id=run, metric_key="k"))["metrics"][0]["value"]
        assert value == differs("NaN", 0.0)


def test_a_number_beyond_doubles_is_no_server_error(raw, run):
    reply = raw.send("POST", "runs/log-metric", data='{"run_id": "%s", "key": "k", "value": 1e400, "timestamp": 5}' % run,
                     headers={"Content-Type": "application/json"})

    assert reply.status in (200, 400), reply


@pytest.mark.parametrize("body", ['{"name": ', "{'name': 'x'}", '{"name": "\\ud800"}', "\xff\xfe", '{"name": "a"} {', '"' ],
                         ids=["cut", "quotes", "surrogate", "bytes", "twice", "open"])
@pytest.mark.airwatch
def test_broken_json_is_the_senders_fault(raw, body):
    reply = raw.send("POST", "experiments/create", data=body.encode("latin-1"), headers={"Content-Type": "application/json"})

    refused(reply)


@pytest.mark.airwatch
def test_deep_nesting_is_the_senders_fault(raw):
    reply = raw.send("POST", "experiments/create", data='{"name":' + "[" * 100000 + "]" * 100000 + "}",
                     headers={"Content-Type": "application/json"})

    refused(reply)


def test_an_unknown_address_is_404(raw):
    reply = raw.get("experiments/nonsense")

    assert reply.status == 404
    assert differs(reply.code, "ENDPOINT_NOT_FOUND") == "ENDPOINT_NOT_FOUND"


def test_a_wrong_method_is_405(raw):
    assert raw.send("DELETE", "experiments/create").status == 405


def test_a_thousand_run_ids_fit_in_an_address(raw):
    query = [("run_ids", "%032x" % i) for i in range(1000)] + [("metric_key", "k")]

    refused(raw.send("GET", "metrics/get-history-bulk-interval", params=query), "at most 100 run_ids")


@pytest.mark.airwatch
def test_answers_are_not_sniffed_or_framed(raw):
    headers = raw.get("experiments/get", experiment_id="0").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] in ("SAMEORIGIN", "DENY")


def test_a_foreign_host_is_turned_away(raw):
    assert raw.send("GET", "experiments/get", params={"experiment_id": "0"}, headers={"Host": "evil.example"}).status == 403
    assert raw.send("GET", "health", "/", headers={"Host": "evil.example"}).status in HEALTHY
    assert raw.send("GET", "version", "/", headers={"Host": "evil.example"}).status == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1:8000", "10.1.2.3", "192.168.7.7:8000", "172.20.0.1", "[::1]:8000"])
def test_a_host_of_ones_own_network_is_welcome(raw, host):
    assert raw.send("GET", "experiments/get", params={"experiment_id": "0"}, headers={"Host": host}).status == 200


def test_a_foreign_origin_may_not_write(raw):
    name = unique()

    reply = raw.send("POST", "experiments/create", json={"name": name}, headers={"Origin": "https://evil.example"})

    assert reply.status == 403, reply
    missing(raw.get("experiments/get-by-name", experiment_name=name))


def test_a_local_origin_may_write(raw):
    accepted(raw.send("POST", "experiments/create", json={"name": unique()}, headers={"Origin": "http://localhost:3000"}))


def test_infinities_are_kept_or_the_greatest_doubles(raw, run):
    for key, value in (("up", "Infinity"), ("down", "-Infinity")):
        accepted(raw.post("runs/log-metric", {"run_id": run, "key": key, "value": value, "timestamp": 1}))

    metrics = {m["key"]: float(m["value"]) for m in accepted(raw.get("runs/get", run_id=run))["run"]["data"]["metrics"]}
    assert metrics["up"] >= HUGE and metrics["down"] <= -HUGE


@pytest.mark.airwatch
@pytest.mark.parametrize("method, path", [
    ("POST", "/api/2.0/mlflow/traces"), ("POST", "/api/3.0/mlflow/traces"), ("GET", "/api/2.0/mlflow/traces/x/info"),
    ("POST", "/api/3.0/mlflow/traces/search"), ("POST", "/api/3.0/mlflow/datasets/create"),
    ("GET", "/api/3.0/mlflow/scorers/list"), ("GET", "/api/2.0/mlflow/gateway-proxy"), ("GET", "/api/3.0/mlflow/gateway/endpoints/list"),
    ("POST", "/graphql"), ("POST", "/v1/traces"), ("GET", "/api/2.0/mlflow/webhooks"),
    ("POST", "/ajax-api/3.0/jobs/search"),
])
def test_what_is_out_of_scope_says_so(raw, method, path):
    reply = raw.send(method, path, "", json={})

    assert reply.code in ("NOT_IMPLEMENTED", "ENDPOINT_NOT_FOUND"), reply
    assert reply.status in (404, 501), reply
    assert len(reply.message) > 10, reply


def test_server_info_tells_a_store(raw):
    reply = raw.send("GET", "server-info", "/api/3.0/mlflow/")

    assert reply.status in (200, 404), reply
    if reply.status == 200:
        assert not reply.json.get("workspaces_enabled")


def test_a_session_of_many_requests_stays_open():
    with requests.Session() as session:
        session.trust_env = False
        statuses = [session.get(ADDRESS + "/version", timeout=20).status_code for _ in range(50)]

    assert statuses == [200] * 50
