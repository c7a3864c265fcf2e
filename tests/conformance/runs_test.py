"""Runs: create, get, update, delete, restore, tags, parameters, batches and their limits."""
import json
import time

import pytest
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from support import accepted, differs, missing, refused

TAGS = {"mlflow.user": "ana", "mlflow.source.type": "LOCAL", "mlflow.source.name": "train.py", "mlflow.project.entryPoint": "main",
        "mlflow.source.git.commit": "abc123", "mlflow.parentRunId": "7", "own": "tag"}


def test_a_created_run_comes_back_whole(client, experiment):
    made = client.create_run(experiment, start_time=456, tags=TAGS, run_name="my name")

    for run in (made, client.get_run(made.info.run_id), client.search_runs([experiment])[0]):
        assert len(run.info.run_id) == 32 and int(run.info.run_id, 16) >= 0
        assert (run.info.experiment_id, run.info.start_time, run.info.end_time) == (experiment, 456, None)
        assert (run.info.run_name, run.info.status, run.info.lifecycle_stage) == ("my name", "RUNNING", "active")
        assert run.info.artifact_uri == f"mlflow-artifacts:/{experiment}/{run.info.run_id}/artifacts"
        assert TAGS.items() <= run.data.tags.items()
        assert run.data.tags["mlflow.runName"] == "my name"


def test_a_run_has_its_users_name(client, raw, experiment):
    assert client.create_run(experiment, tags={"mlflow.user": "ana"}).info.run_id
    made = accepted(raw.post("runs/create", {"experiment_id": experiment, "user_id": "bea", "start_time": 1}))["run"]

    assert accepted(raw.get("runs/get", run_id=made["info"]["run_id"]))["run"]["info"]["user_id"] == "bea"


def test_both_names_of_the_id_are_given_and_taken(raw, run):
    info = accepted(raw.get("runs/get", run_uuid=run))["run"]["info"]

    assert info["run_id"] == info["run_uuid"] == run


def test_a_nameless_run_gets_a_name(client, experiment):
    first, second = client.create_run(experiment), client.create_run(experiment)

    assert len(first.info.run_name.split("-")) == 3 and first.info.run_name.split("-")[2].isdigit()
    assert first.data.tags["mlflow.runName"] == first.info.run_name
    assert first.info.run_name != second.info.run_name


def test_name_and_name_tag_are_one(client, raw, experiment, run):
    tagged = client.create_run(experiment, tags={"mlflow.runName": "by tag"})
    assert tagged.info.run_name == "by tag"
    client.set_tag(run, "mlflow.runName", "renamed by tag")
    assert client.get_run(run).info.run_name == "renamed by tag"
    client.update_run(run, name="renamed by update")
    assert client.get_run(run).data.tags["mlflow.runName"] == "renamed by update"
    refused(raw.post("runs/create", {"experiment_id": experiment, "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]}))


def test_without_an_experiment_a_run_goes_to_the_default(raw):
    reply = raw.post("runs/create", {"start_time": 1, "experiment_id": "0"})

    assert accepted(reply)["run"]["info"]["experiment_id"] == "0"


@pytest.mark.airwatch
def test_an_absent_experiment_id_is_the_default(raw):
    assert accepted(raw.post("runs/create", {"start_time": 1}))["run"]["info"]["experiment_id"] == "0"


def test_a_run_needs_a_living_experiment(client, raw, experiment):
    missing(raw.post("runs/create", {"experiment_id": "999999999"}))
    client.delete_experiment(experiment)
    refused(raw.post("runs/create", {"experiment_id": experiment}), "must be in the 'active' state")


def test_the_run_name_has_a_limit_or_is_cut(raw, experiment):
    reply = raw.post("runs/create", {"experiment_id": experiment, "run_name": "n" * 9000})

    assert reply.status in (200, 400), reply


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED", "SCHEDULED", "RUNNING"])
def test_every_status_is_kept(client, run, status):
    client.update_run(run, status=status)

    assert client.get_run(run).info.status == status


def test_ending_a_run(client, run):
    client.set_terminated(run)
    assert client.get_run(run).info.status == "FINISHED"
    assert client.get_run(run).info.end_time <= int(time.time() * 1000) + 1
    client.set_terminated(run, "FAILED", end_time=12345)
    assert (client.get_run(run).info.status, client.get_run(run).info.end_time) == ("FAILED", 12345)


def test_update_answers_the_run(raw, run):
    info = accepted(raw.post("runs/update", {"run_id": run, "status": "FINISHED", "end_time": 99, "run_name": "new"}))["run_info"]

    assert (info["status"], info["end_time"], info["run_name"]) == ("FINISHED", 99, "new")


def test_deleting_and_restoring_a_run(client, raw, experiment, run):
    client.delete_run(run)
    client.delete_run(run)
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment]) == []
    client.restore_run(run)
    client.restore_run(run)
    assert client.get_run(run).info.lifecycle_stage == "active"
    missing(raw.post("runs/delete", {"run_id": "0" * 32}))
    missing(raw.post("runs/restore", {"run_id": "0" * 32}))


def test_a_deleted_run_takes_nothing(client, raw, run):
    client.delete_run(run)

    active = "must be in the 'active' state"
    refused(raw.post("runs/log-metric", {"run_id": run, "key": "k", "value": 1, "timestamp": 1}), active)
    refused(raw.post("runs/log-parameter", {"run_id": run, "key": "k", "value": "v"}), active)
    refused(raw.post("runs/set-tag", {"run_id": run, "key": "k", "value": "v"}), active)
    refused(raw.post("runs/delete-tag", {"run_id": run, "key": "mlflow.runName"}), active)
    refused(raw.post("runs/log-batch", {"run_id": run, "tags": [{"key": "k", "value": "v"}]}), active)
    refused(raw.post("runs/update", {"run_id": run, "status": "FINISHED"}), active)


@pytest.mark.parametrize("path, message", [
    ("runs/update", {}), ("runs/log-metric", {"key": "k", "value": 1, "timestamp": 1}), ("runs/log-parameter", {"key": "k", "value": "v"}),
    ("runs/set-tag", {"key": "k", "value": "v"}), ("runs/delete-tag", {"key": "k"}), ("runs/log-batch", {"tags": [{"key": "k", "value": "v"}]}),
    ("runs/log-inputs", {"datasets": [{"dataset": {"name": "n", "digest": "d", "source_type": "t", "source": "s"}}]}),
])
def test_an_unknown_run_is_missing(raw, path, message):
    missing(raw.post(path, {"run_id": "f" * 32, **message}), "f" * 32)


def test_an_unknown_run_is_not_found(client, raw):
    missing(raw.get("runs/get", run_id="f" * 32), "f" * 32)
    with pytest.raises(MlflowException, match="not found"):
        client.get_run("f" * 32)


@pytest.mark.parametrize("run_id", ["../../etc", "a/b", "x" * 300, "", " "])
def test_a_malformed_run_id_is_the_callers_fault(raw, run_id):
    assert raw.get("runs/get", run_id=run_id).status in (400, 404)


def test_tags(client, raw, run):
    client.set_tag(run, "k", "one")
    client.set_tag(run, "k", "two")
    client.set_tag(run, "empty", "")
    client.set_tag(run, "a number", 5)
    assert {"k": "two", "empty": "", "a number": "5"}.items() <= client.get_run(run).data.tags.items()
    client.delete_tag(run, "k")
    assert "k" not in client.get_run(run).data.tags
    missing(raw.post("runs/delete-tag", {"run_id": run, "key": "k"}), "k")


def test_a_parameter_never_changes(client, raw, run):
    client.log_param(run, "p", "1")
    client.log_param(run, "p", "1")
    client.log_param(run, "empty", "")
    client.log_param(run, "number", 0.25)

    refused(raw.post("runs/log-parameter", {"run_id": run, "key": "p", "value": "2"}), "Changing param values is not allowed")
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        client.log_param(run, "p", "2")
    assert client.get_run(run).data.params == {"p": "1", "empty": "", "number": "0.25"}


KEYS_GOOD = ["a", "with space", "path/like/key", "dots.and-dashes_", "ключ", "日本", "k" * 250, "ä" * 250, "5"]
KEYS_BAD = ["", "k" * 251, "/abs", "a//b", "a/", "./a", "a/../b", "..", ".", "a\tb", "a*b", "a;b", "a'b", "a\\b"]


@pytest.mark.parametrize("key", KEYS_GOOD)
def test_good_keys(raw, run, key):
    accepted(raw.post("runs/log-metric", {"run_id": run, "key": key, "value": 1, "timestamp": 1}))
    accepted(raw.post("runs/log-parameter", {"run_id": run, "key": key, "value": "v"}))
    accepted(raw.post("runs/set-tag", {"run_id": run, "key": key, "value": "v"}))

    data = accepted(raw.get("runs/get", run_id=run))["run"]["data"]
    assert [m["key"] for m in data["metrics"]] == [p["key"] for p in data["params"]] == [key]
    assert key in [t["key"] for t in data["tags"]]


def test_a_colon_is_good_since_mlflow_2_13(raw, run):
    accepted(raw.post("runs/log-metric", {"run_id": run, "key": "gpu:0/load", "value": 1, "timestamp": 1}))


@pytest.mark.parametrize("key", KEYS_BAD)
def test_bad_keys(raw, run, key):
    refused(raw.post("runs/log-metric", {"run_id": run, "key": key, "value": 1, "timestamp": 1}))
    refused(raw.post("runs/log-parameter", {"run_id": run, "key": key, "value": "v"}))
    refused(raw.post("runs/set-tag", {"run_id": run, "key": key, "value": "v"}))
    for batch in ({"metrics": [{"key": key, "value": 1, "timestamp": 1, "step": 0}]}, {"params": [{"key": key, "value": "v"}]},
                  {"tags": [{"key": key, "value": "v"}]}):
        refused(raw.post("runs/log-batch", {"run_id": run, **batch}))


def test_long_values_are_cut(client, raw, run):
    accepted(raw.post("runs/log-parameter", {"run_id": run, "key": "p", "value": "ä" * 6001}))
    accepted(raw.post("runs/set-tag", {"run_id": run, "key": "t", "value": "ä" * 8001}))
    accepted(raw.post("runs/log-batch", {"run_id": run, "params": [{"key": "q", "value": "x" * 7000}], "tags": [{"key": "u", "value": "x" * 9000}]}))

    data = client.get_run(run).data
    assert [len(data.params["p"]), len(data.params["q"])] == [6000, 6000]
    assert [len(data.tags["t"]), len(data.tags["u"])] == [8000, 8000]


def test_a_batch_logs_all_three(client, run):
    client.log_batch(run, [Metric("m", 1.5, 10, 1), Metric("m", 2.5, 20, 2), Metric("n", -1, 0, 0)],
                     [Param("p", "1"), Param("q", "2")], [RunTag("t", "x"), RunTag("u", "")])

    data = client.get_run(run).data
    assert data.metrics == {"m": 2.5, "n": -1}
    assert data.params == {"p": "1", "q": "2"}
    assert {"t": "x", "u": ""}.items() <= data.tags.items()


def test_an_empty_batch_is_nothing(raw, run):
    accepted(raw.post("runs/log-batch", {"run_id": run}))
    accepted(raw.post("runs/log-batch", {"run_id": run, "metrics": [], "params": [], "tags": []}))


def test_batch_limits(raw, run):
    def metrics(n):
        return [{"key": f"m{i}", "value": i, "timestamp": 1, "step": 0} for i in range(n)]

    def pairs(n, word):
        return [{"key": f"{word}{i}", "value": str(i)} for i in range(n)]

    accepted(raw.post("runs/log-batch", {"run_id": run, "metrics": metrics(1000)}))
    accepted(raw.post("runs/log-batch", {"run_id": run, "metrics": metrics(800), "params": pairs(100, "p"), "tags": pairs(100, "t")}))
    refused(raw.post("runs/log-batch", {"run_id": run, "metrics": metrics(1001)}), "can contain at most 1000 metrics")
    refused(raw.post("runs/log-batch", {"run_id": run, "params": pairs(101, "q")}), "can contain at most 100 params")
    refused(raw.post("runs/log-batch", {"run_id": run, "tags": pairs(101, "q")}), "can contain at most 100 tags")
    refused(raw.post("runs/log-batch", {"run_id": run, "metrics": metrics(801), "params": pairs(100, "p"), "tags": pairs(100, "t")}),
            "can contain at most 1000")
    data = accepted(raw.get("runs/get", run_id=run))["run"]["data"]
    assert (len(data["metrics"]), len(data["params"])) == (1000, 100)


@pytest.mark.parametrize("batch, words", [
    ({"metrics": [{"key": "k", "value": 1, "step": 1}]}, "Missing value for required parameter 'metrics[0].timestamp'"),
    ({"metrics": [{"key": "k", "timestamp": 1, "step": 1}]}, "Missing value for required parameter 'metrics[0].value'"),
    ({"metrics": [{"key": "k", "value": 1, "timestamp": 1, "step": 0}, {"value": 1, "timestamp": 1, "step": 0}]}, "'metrics[1].key'"),
    ({"metrics": [{"key": 31, "value": 41, "timestamp": 59, "step": 26}]}, "'metrics[0]."),
    ({"metrics": [{"key": "k", "value": 1, "timestamp": -1, "step": 0}]}, "timestamp"),
    ({"params": [{"key": 31, "value": "v"}]}, "'params[0]."),
    ({"params": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}, "Duplicate"),
    ({"tags": [{"key": 31, "value": "v"}]}, "'tags[0]."),
])
def test_a_bad_part_of_a_batch_is_named(raw, run, batch, words):
    refused(raw.post("runs/log-batch", {"run_id": run, **batch}), words)


def test_a_batch_may_not_change_a_parameter(client, raw, run):
    client.log_param(run, "p", "1")

    refused(raw.post("runs/log-batch", {"run_id": run, "params": [{"key": "p", "value": "2"}, {"key": "new", "value": "1"}],
                                        "metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 0}]}), "Changing param values is not allowed")
    data = client.get_run(run).data
    assert data.params == {"p": "1"}


@pytest.mark.airwatch
def test_a_batch_is_kept_whole_or_not_at_all(client, raw, run):
    client.log_param(run, "p", "1")

    refused(raw.post("runs/log-batch", {"run_id": run, "params": [{"key": "p", "value": "2"}], "tags": [{"key": "t", "value": "1"}],
                                        "metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 0}]}))
    data = client.get_run(run).data
    assert (data.params, data.metrics, "t" in data.tags) == ({"p": "1"}, {}, False)


def test_the_same_batch_twice_changes_nothing(client, run):
    for _ in range(2):
        client.log_batch(run, [Metric("m", 1, 5, 1), Metric("m", 1, 5, 1)], [Param("p", "1")], [RunTag("t", "1")])

    assert len(client.get_metric_history(run, "m")) == 1


def test_the_name_tag_in_a_batch_renames(client, run):
    client.log_batch(run, tags=[RunTag("mlflow.runName", "by batch")])

    assert client.get_run(run).info.run_name == "by batch"


def test_parents_and_children(client, experiment):
    parent = client.create_run(experiment).info.run_id
    children = {client.create_run(experiment, tags={"mlflow.parentRunId": parent}).info.run_id for _ in range(3)}

    found = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent}'")
    assert {run.info.run_id for run in found} == children
    assert client.get_parent_run(next(iter(children))).info.run_id == parent
    assert client.get_parent_run(parent) is None


def test_log_model_of_2_x_appends_to_the_history(raw, client, run):
    for name in ("first", "second"):
        accepted(raw.post("runs/log-model", {"run_id": run, "model_json":
            '{"artifact_path": "%s", "flavors": {"python_function": {}}, "utc_time_created": "2024-01-01 00:00:00.000000", "run_id": "%s", "model_uuid": "u"}' % (name, run)}))

    history = json.loads(client.get_run(run).data.tags["mlflow.log-model.history"])
    assert [entry["artifact_path"] for entry in history] == ["first", "second"]


@pytest.mark.parametrize("model_json", ["", "no json", *differs(["[]"], []), "{}", '{"artifact_path": "p"}', '{"artifact_path": "p", "flavors": {}, "utc_time_created": 1}'])
def test_log_model_wants_a_whole_model(raw, run, model_json):
    refused(raw.post("runs/log-model", {"run_id": run, "model_json": model_json}))
