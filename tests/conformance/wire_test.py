"""Words, orders and corner cases of the wire that programs have come to rely on."""
import time

import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric
from mlflow.exceptions import MlflowException
from support import accepted, refused, unique


def test_the_older_name_of_a_run_id_is_good_everywhere(client, raw, run):
    accepted(raw.post("runs/set-tag", {"run_uuid": run, "key": "t", "value": "v"}))
    accepted(raw.post("runs/log-metric", {"run_uuid": run, "key": "m", "value": 1, "timestamp": 1}))
    accepted(raw.post("runs/log-parameter", {"run_uuid": run, "key": "p", "value": "v"}))
    accepted(raw.post("runs/update", {"run_uuid": run, "status": "FINISHED"}))

    found = client.get_run(run)
    assert (found.data.tags["t"], found.data.metrics, found.data.params, found.info.status) == ("v", {"m": 1}, {"p": "v"}, "FINISHED")


def test_words_about_runs_and_tags(client, run):
    with pytest.raises(MlflowException, match=r"Run .+ not found"):
        client.delete_tag("fake_run_id", "taggity")
    with pytest.raises(MlflowException, match="No tag with name: fakeTag"):
        client.delete_tag(run, "fakeTag")
    client.delete_run(run)
    with pytest.raises(MlflowException, match=f"The run {run} must be in"):
        client.delete_tag(run, "taggity")


def test_words_about_too_many_results(client, experiment):
    with pytest.raises(MlflowException, match="Invalid value 123456789 for parameter 'max_results' supplied"):
        client.search_runs([experiment], max_results=123456789)


def test_words_about_paths(raw, run):
    for prefix, path, query in (("/api/2.0/mlflow/", "artifacts/list", {"run_id": run}), ("/", "get-artifact", {"run_id": run}),
                                ("//model-versions/", "get-artifact", {"name": "model", "version": 1})):
        reply = raw.send("GET", path, prefix, params={**query, "path": "../path"})
        assert (reply.status, reply.code, reply.message) == (400, "INVALID_PARAMETER_VALUE", "Invalid path"), reply


def test_a_metric_of_a_batch_needs_no_step(client, raw, run):
    accepted(raw.post("runs/log-batch", {"run_id": run, "metrics": [{"key": "mae", "value": 2.5, "timestamp": 123456789}]}))

    assert client.get_metric_history(run, "mae")[0].step == 0


def test_names_are_ordered_by_their_bytes(client):
    mark = unique("order")
    for name in ("a", "ab", "Abc"):
        client.create_experiment(f"{mark} {name}")
        client.create_registered_model(f"{mark} {name}")

    def names(found):
        return [thing.name.removeprefix(f"{mark} ") for thing in found]

    ours = f"name LIKE '{mark}%'"
    assert names(client.search_experiments(filter_string=ours)) == ["Abc", "ab", "a"]
    assert names(client.search_experiments(filter_string=ours, order_by=["name DESC"])) == ["ab", "a", "Abc"]
    assert names(client.search_registered_models(ours)) == ["Abc", "a", "ab"]


BULK = [{"key": "b", "timestamp": 7, "step": -2, "value": -100.0}, {"key": "b", "timestamp": 8, "step": 0, "value": 0.0},
        {"key": "b", "timestamp": 8, "step": 0, "value": 1.0}, {"key": "b", "timestamp": 9, "step": 1, "value": 12.0}]


def test_bulk_history_is_ordered_by_run_then_time(client, raw, experiment):
    runs = sorted(client.create_run(experiment).info.run_id for _ in range(3))
    for run in runs[:2]:
        for metric in reversed(BULK):
            client.log_metric(run, **metric)

    reply = raw.send("GET", "metrics/get-history-bulk", "/ajax-api/2.0/mlflow/", params={"run_id": list(reversed(runs)), "metric_key": "b"})
    assert reply.json["metrics"] == [{**metric, "run_id": run} for run in runs[:2] for metric in BULK]


def sampled(raw, runs, **query):
    reply = raw.send("GET", "metrics/get-history-bulk-interval", "/ajax-api/2.0/mlflow/", params={"run_ids": runs, "metric_key": "m", **query})
    return [(m["run_id"], m["step"], m["timestamp"]) for m in accepted(reply)["metrics"]]


@pytest.mark.airwatch  # MLflow has thinned by steps until 3.14, by rows and each run apart since
def test_an_interval_is_thinned_evenly(client, raw, experiment):
    one, two = (client.create_run(experiment).info.run_id for _ in range(2))
    for run, n in ((one, 10), (two, 20)):
        for step in range(n):
            client.log_metric(run, "m", 10.0, timestamp=1, step=step)

    assert sampled(raw, [one], max_results=5) == [(one, step, 1) for step in (0, 2, 4, 6, 8, 9)]
    assert sampled(raw, [one], max_results=5, start_step=0, end_step=4) == [(one, step, 1) for step in range(5)]
    assert sampled(raw, [one, two], max_results=5) == [(one, step, 1) for step in (0, 4, 8, 9)] + [(two, step, 1) for step in (0, 4, 8, 9, 12, 16, 19)]
    for step in range(10):
        client.log_metric(one, "m", 10.0, timestamp=2, step=step)
    assert sampled(raw, [one], max_results=5) == [(one, step, time) for step in (0, 2, 4, 6, 8, 9) for time in (1, 2)]


def test_many_experiments_are_too_many_for_summaries(raw):
    reply = raw.send("POST", "experiments/search-datasets", "/ajax-api/2.0/mlflow/", json={"experiment_ids": [f"id_{i}" for i in range(1000)]})

    refused(reply, "SearchDatasets request cannot specify more than")


def test_tags_of_an_input_keep_their_order(client, run):
    client.log_inputs(run, [DatasetInput(Dataset("n", "d", "local", "s"), [InputTag("foo", "baz"), InputTag("mlflow.data.context", "train")])])

    assert [tag.key for tag in client.get_run(run).inputs.dataset_inputs[0].tags] == ["foo", "mlflow.data.context"]


def test_a_version_may_come_of_a_run_elsewhere(client, model):
    made = client.create_model_version(model, "runs:/run_id/model", "run_id")

    assert (made.source, made.run_id) == ("runs:/run_id/model", "run_id")
    assert [str(v.version) for v in client.search_model_versions(f"name = '{model}' AND run_id = 'run_id'")] == ["1"]


@pytest.mark.parametrize("source", ["mlflow-artifacts://host:9000/models/../../../", "http://host:9000/models/../../../", "s3a://my_bucket/a/../../../",
                                    "https://host/api/2.0/mlflow-artifacts/artifacts/../../../", "ftp://host:8888/a/../../../",
                                    "mlflow-artifacts://host:9000/models/..%2f..%2fartifacts", "mlflow-artifacts://host:9000/models/artifact%00"])
@pytest.mark.airwatch
def test_words_about_a_source_that_leads_elsewhere(raw, model, run, source):
    refused(raw.post("model-versions/create", {"name": model, "source": source, "run_id": run}),
            "Invalid model version source", "If supplying a source as an http, https,")


@pytest.mark.parametrize("source", ["/tmp", "file:///tmp", "/etc/passwd", "./models"])
def test_words_about_a_local_source(raw, model, run, source):
    refused(raw.post("model-versions/create", {"name": model, "source": source, "run_id": run}), "To use a local path as a model version")


@pytest.mark.parametrize("source", ["mlflow-artifacts:/models", "mlflow-artifacts:/models/", "mlflow-artifacts:/models///", "mlflow-artifacts:/models/foo///bar",
                                    "mlflow-artifacts://host:9000/models", "mlflow-artifacts://host:9000/models/artifact/..../"])
@pytest.mark.airwatch
def test_a_source_of_the_proxy_may_be_anywhere(raw, model, run, source):
    assert accepted(raw.post("model-versions/create", {"name": model, "source": source, "run_id": run}))["model_version"]["source"] == source


def test_the_latest_of_many_versions_comes_first(client):
    names = [unique("many") for _ in range(5)]
    for name in names:
        client.create_registered_model(name)
    made = [client.create_model_version(name, "runs:/run_id/model", "run_id") for name in names + names[:3]]

    found = client.search_model_versions(f"name LIKE 'many-%' AND run_id = 'run_id'")
    times = [v.last_updated_timestamp for v in found]
    assert times == sorted(times, reverse=True)
    assert {(v.name, str(v.version)) for v in made} <= {(v.name, str(v.version)) for v in found}


def test_only_the_name_decides_how_a_file_is_sent(client, raw, run, tmp_path):
    for name, kind in (("a.txt", "text/plain"), ("b.pkl", "application/octet-stream"), ("c.png", "image/png"), ("d.pdf", "application/pdf"),
                       ("MLmodel", "text/plain"), ("dog+step+20+timestamp+100.png", "image/png")):
        (tmp_path / name).write_text("x")
        client.log_artifact(run, str(tmp_path / name))
        reply = raw.send("GET", "get-artifact", "/", params={"run_id": run, "path": name})
        assert (reply.status, reply.headers["Content-Type"]) == (200, kind)
        assert reply.headers["Content-Disposition"].startswith(f"attachment; filename={name}"), reply.headers


def test_files_may_lie_at_the_root(raw):
    folder = unique("root")
    for path in (f"{folder}.txt", f"{folder}/b.txt"):
        reply = raw.send("PUT", path, "/api/2.0/mlflow-artifacts/artifacts/", data=b"1")
        assert reply.status == 200, reply

    root = accepted(raw.send("GET", "artifacts", "/api/2.0/mlflow-artifacts/"))["files"]
    assert {"path": f"{folder}.txt", "is_dir": False, "file_size": 1} in root and {"path": folder, "is_dir": True} in root
    assert [f["path"] for f in root] == sorted(f["path"] for f in root)
    inside = accepted(raw.send("GET", "artifacts", "/api/2.0/mlflow-artifacts/", params={"path": folder}))["files"]
    assert inside == [{"path": "b.txt", "is_dir": False, "file_size": 1}]


def test_what_an_upload_lacks_is_told_in_order(raw, run):
    def upload(**query):
        return raw.send("POST", "upload-artifact", "/ajax-api/2.0/mlflow/", params=query)

    assert upload().message.startswith("Request must specify run_uuid")
    assert upload(run_uuid=run).message.startswith("Request must specify path")
    assert upload(run_uuid=run, path="").message.startswith("Request must specify path")
    assert upload(run_uuid=run, path="../test.txt").message.startswith("Invalid path")
    assert upload(run_uuid=run, path="test.txt").message.startswith("Request must specify data")


def test_tags_of_several_lines(client, experiment):
    client.set_experiment_tag(experiment, "multiline tag", "value2\nvalue2\nvalue2")

    assert client.get_experiment(experiment).tags["multiline tag"] == "value2\nvalue2\nvalue2"


def test_a_name_changes_without_the_status(client, run):
    client.set_terminated(run, "FINISHED")
    client.update_run(run, name="name_abc")

    assert (client.get_run(run).info.run_name, client.get_run(run).info.status) == ("name_abc", "FINISHED")


def test_words_about_a_version_number(client, model):
    with pytest.raises(MlflowException, match="INVALID_PARAMETER_VALUE: Parameter 'version' must be an integer, got 'something not correct'"):
        client.get_model_version(model, "something not correct")


def test_a_models_time_moves_with_its_versions(client, model):
    def updated():
        return client.get_registered_model(model).last_updated_timestamp

    seen = [updated()]
    time.sleep(0.002)
    client.create_model_version(model, "runs:/run_id/model", "run_id")
    seen.append(updated())
    time.sleep(0.002)
    client.transition_model_version_stage(model, "1", "Staging")
    seen.append(updated())
    client.update_model_version(model, "1", "words")
    seen.append(updated())
    time.sleep(0.002)
    client.delete_model_version(model, "1")
    seen.append(updated())
    assert seen[0] < seen[1] < seen[2] == seen[3] < seen[4]


def test_versions_are_equal_however_they_are_found(client, model):
    client.create_model_version(model, f"runs:/{model}/model", model, {"k": "v", "numeric": 12345})
    time.sleep(0.002)
    client.create_model_version(model, f"runs:/{model}/another_model", model)
    first, second = client.get_model_version(model, "1"), client.get_model_version(model, "2")
    assert first.tags == {"k": "v", "numeric": "12345"}
    assert client.search_model_versions(f"run_id = '{model}'") == [second, first]
    assert client.search_model_versions(f"source_path = 'runs:/{model}/model' AND name = '{model}'") == [first]
    assert client.get_registered_model(model).latest_versions == [second]
    assert client.search_registered_models(f"name = '{model}'")[0].latest_versions == [second]
    assert client.get_model_version_download_uri(model, "1") == f"runs:/{model}/model"
    client.set_registered_model_alias(model, "picked", "1")
    assert client.get_model_version_by_alias(model, "picked") == client.get_model_version(model, "1")


def test_a_copy_of_a_version_has_its_words_and_storage(client, model):
    client.create_model_version(model, "runs:/run_id/model", "run_id", description="dummy", tags={"hello": "world"})
    client.set_registered_model_alias(model, "picked", "1")

    assert str(client.copy_model_version(f"models:/{model}@picked", model).version) == "2"
    copy = client.get_model_version(model, "2")
    assert (copy.source, copy.description, copy.run_id, copy.tags) == (f"models:/{model}/1", "dummy", "run_id", {"hello": "world"})
    assert client.get_model_version_download_uri(model, "2") == "runs:/run_id/model"


@pytest.mark.airwatch
def test_a_source_may_be_of_another_run(client, model):
    made = client.create_model_version(model, "runs:/run_id/model", "run_id_1")

    assert (made.source, made.run_id) == ("runs:/run_id/model", "run_id_1")


@pytest.mark.current
def test_a_logged_model_knows_its_versions_by_a_tag(client, experiment, model):
    logged = client.create_logged_model(experiment)
    for number in (1, 2):
        client.create_model_version(model, logged.artifact_location, model_id=logged.model_id)
        versions = ", ".join(f'{{"name": "{model}", "version": {i}}}' for i in range(1, number + 1))
        assert client.get_logged_model(logged.model_id).tags["mlflow.modelVersions"] == f"[{versions}]"


@pytest.mark.current
def test_a_local_source_is_refused_of_a_logged_model_too(client, raw, experiment, model):
    logged = client.create_logged_model(experiment)

    refused(raw.post("model-versions/create", {"name": model, "source": "file:///path/to/model", "model_id": logged.model_id}), "Invalid model version source")
    refused(raw.post("model-versions/create", {"name": model, "source": "dbfs:/r/artifacts/a%3f/../../../../../", "model_id": logged.model_id}), "source")


@pytest.mark.current
def test_a_metric_of_a_logged_model_is_whole(client, experiment, run):
    logged = client.create_logged_model(experiment)
    client.log_metric(run, "metric", 0.5, timestamp=123456789, step=1, dataset_name="name", dataset_digest="digest", model_id=logged.model_id)

    assert client.get_logged_model(logged.model_id).metrics == [
        Metric("metric", 0.5, 123456789, 1, model_id=logged.model_id, dataset_name="name", dataset_digest="digest", run_id=run)]


@pytest.mark.airwatch
def test_an_error_has_two_fields(raw, run):
    assert set(raw.get("artifacts/list", run_id=run, path="../path").json) == {"error_code", "message"}
