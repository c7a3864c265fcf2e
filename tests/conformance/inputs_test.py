"""Datasets that runs took in, and the summaries of them."""
import json

import mlflow
import numpy
import pandas
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag
from support import accepted, differs, refused


def given(name, digest="d1", context=None, **more):
    tags = [InputTag("mlflow.data.context", context)] if context else []
    return DatasetInput(Dataset(name=name, digest=digest, source_type="local", source='{"uri": "x"}', **more), tags)


def inputs(client, run):
    return {(i.dataset.name, i.dataset.digest): i for i in client.get_run(run).inputs.dataset_inputs}


def test_an_input_comes_back_whole(client, run):
    client.log_inputs(run, [given("train", context="training", schema='{"s": 1}', profile='{"p": 2}')])

    found = inputs(client, run)[("train", "d1")]
    assert (found.dataset.source_type, found.dataset.source, found.dataset.schema, found.dataset.profile) == ("local", '{"uri": "x"}', '{"s": 1}', '{"p": 2}')
    assert [(tag.key, tag.value) for tag in found.tags] == [("mlflow.data.context", "training")]


def test_schema_and_profile_may_be_absent(client, run):
    client.log_inputs(run, [given("bare")])

    assert not inputs(client, run)[("bare", "d1")].dataset.schema
    assert not inputs(client, run)[("bare", "d1")].dataset.profile


def test_logging_again_keeps_the_first_tags(client, run):
    client.log_inputs(run, [given("train", context="training")])
    client.log_inputs(run, [given("train", context="validation")])

    assert [tag.value for tag in inputs(client, run)[("train", "d1")].tags] == ["training"]


def test_one_dataset_in_many_runs_and_digests(client, experiment):
    runs = [client.create_run(experiment).info.run_id for _ in range(2)]
    for run in runs:
        client.log_inputs(run, [given("train", "d1"), given("train", "d2")])

    assert [set(inputs(client, run)) for run in runs] == [{("train", "d1"), ("train", "d2")}] * 2


def test_runs_are_found_by_their_inputs(client, experiment):
    one, two = (client.create_run(experiment).info.run_id for _ in range(2))
    client.log_inputs(one, [given("train", "d1", "training"), given("test", "d9", "eval")])
    client.log_inputs(two, [given("Trainer", "d2", "training")])

    def search(clause):
        return {run.info.run_id for run in client.search_runs([experiment], clause)}

    assert search("dataset.name = 'train'") == {one}
    assert search("datasets.name ILIKE 'train%'") == {one, two}
    assert search("dataset.name LIKE 'train%'") == {one}
    assert search("dataset.digest IN ('d2', 'd9')") == {one, two}
    assert search("dataset.context = 'eval'") == {one}
    assert search("dataset.context = 'training' AND dataset.digest = 'd2'") == {two}
    assert search("dataset.name = 'none'") == set()
    assert [d.dataset.name for d in client.search_runs([experiment], "dataset.name = 'Trainer'")[0].inputs.dataset_inputs] == ["Trainer"]


@pytest.mark.parametrize("message, words", [
    *differs([({"datasets": [{"dataset": {key: "x" for key in ("name", "digest", "source_type", "source") if key != absent}}]}, absent)
              for absent in ("name", "digest", "source_type", "source")], []),
    ({"datasets": "none"}, "datasets"),
    ({"datasets": [{"dataset": {"name": "n" * 501, "digest": "d", "source_type": "t", "source": "s"}}]}, "500"),
    ({"datasets": [{"dataset": {"name": "n", "digest": "d" * 37, "source_type": "t", "source": "s"}}]}, "36"),
    ({"datasets": [{"dataset": {"name": "n", "digest": "d", "source_type": "t", "source": "s" * 65536}}]}, "65535"),
    ({"datasets": [{"dataset": {"name": "n", "digest": "d", "source_type": "t", "source": "s", "schema": "x" * 1048576}}]}, "1048575"),
    ({"datasets": [{"tags": [{"key": "k" * 256, "value": "v"}], "dataset": {"name": "n", "digest": "d", "source_type": "t", "source": "s"}}]}, "255"),
    ({"datasets": [{"tags": [{"key": "k", "value": "v" * 501}], "dataset": {"name": "n", "digest": "d", "source_type": "t", "source": "s"}}]}, "500"),
])
def test_a_bad_dataset_is_refused(raw, run, message, words):
    refused(raw.post("runs/log-inputs", {"run_id": run, **message}), words)


def test_a_deleted_run_takes_no_inputs(client, raw, run):
    client.delete_run(run)

    refused(raw.post("runs/log-inputs", {"run_id": run, "datasets": [{"dataset": {"name": "n", "digest": "d", "source_type": "t", "source": "s"}}]}), "active")


def test_fluent_datasets(active):
    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(frame, source="table.csv", name="frame", targets="y"), context="training")
        mlflow.log_input(mlflow.data.from_numpy(numpy.ones((3, 2)), source="array.npy", name="array"), context="eval")

    found = {i.dataset.name: i for i in mlflow.get_run(run.info.run_id).inputs.dataset_inputs}
    assert set(found) == {"frame", "array"}
    assert json.loads(found["frame"].dataset.profile)["num_rows"] == 2
    assert found["frame"].tags[0].value == "training"
    assert mlflow.data.get_source(found["frame"]).uri == "table.csv"


def search_datasets(raw, message):
    return raw.send("POST", "experiments/search-datasets", "/ajax-api/2.0/mlflow/", json=message)


def test_summaries(client, raw, experiment, run):
    client.log_inputs(run, [given("train", "d1", "training"), given("bare", "d2")])

    summaries = accepted(search_datasets(raw, {"experiment_ids": [experiment]}))["dataset_summaries"]
    assert {(s["experiment_id"], s["name"], s["digest"], s.get("context")) for s in summaries} == {
        (experiment, "train", "d1", "training"), (experiment, "bare", "d2", None)}


def test_summaries_limits(raw):
    refused(search_datasets(raw, {}), "SearchDatasets request must specify at least one experiment_id")
    refused(search_datasets(raw, {"experiment_ids": []}), "SearchDatasets request must specify at least one experiment_id")
    refused(search_datasets(raw, {"experiment_ids": [str(i) for i in range(21)]}), "cannot specify more than")
