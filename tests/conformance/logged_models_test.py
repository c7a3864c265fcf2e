"""Logged models, which 3.x clients make for every model: create to delete, tags, parameters, metrics, search."""
import mlflow
import pytest
from mlflow.exceptions import MlflowException
from support import accepted, differs, missing, refused, unique

pytestmark = pytest.mark.current


@pytest.fixture
def logged(client, experiment, run):
    return client.create_logged_model(experiment, name="candidate", source_run_id=run, tags={"k": "v"}, params={"depth": "3"}, model_type="classifier")


def test_a_logged_model_comes_back_whole(client, experiment, run, logged):
    for found in (logged, client.get_logged_model(logged.model_id)):
        assert found.model_id.startswith("m-") and len(found.model_id) == 34
        assert (found.name, found.experiment_id, found.source_run_id, found.model_type) == ("candidate", experiment, run, "classifier")
        assert str(found.status.value if hasattr(found.status, "value") else found.status) == "PENDING"
        assert found.artifact_location == f"mlflow-artifacts:/{experiment}/models/{found.model_id}/artifacts"
        assert found.tags["k"] == "v" and found.params == {"depth": "3"}
        assert found.creation_timestamp <= found.last_updated_timestamp


def test_finalizing(client, raw, logged):
    assert client.finalize_logged_model(logged.model_id, "READY").status == "READY"
    assert client.get_logged_model(logged.model_id).status == "READY"
    assert client.finalize_logged_model(logged.model_id, "FAILED").status == "FAILED"
    assert accepted(raw.patch(f"logged-models/{logged.model_id}", {"model_id": logged.model_id, "status": 2}))["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    missing(raw.patch(f"logged-models/m-{'0' * 32}", {"model_id": "m-" + "0" * 32, "status": "LOGGED_MODEL_READY"}))


def test_a_nameless_logged_model_gets_a_name(client, experiment):
    assert len(client.create_logged_model(experiment).name.split("-")) == 3


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
def test_a_bad_name_is_refused(raw, experiment, name):
    refused(raw.post("logged-models", {"experiment_id": experiment, "name": name}))


def test_an_unknown_experiment_is_missing(raw):
    missing(raw.post("logged-models", {"experiment_id": "999999999", "name": "x"}))


def test_an_unknown_logged_model_is_missing(raw, client):
    nobody = "m-" + "0" * 32
    missing(raw.get(f"logged-models/{nobody}"), nobody)
    missing(raw.delete(f"logged-models/{nobody}", {}))
    missing(raw.patch(f"logged-models/{nobody}/tags", {"tags": [{"key": "k", "value": "v"}]}))
    with pytest.raises(MlflowException, match="not found"):
        client.get_logged_model(nobody)


def test_tags(client, raw, logged):
    client.set_logged_model_tags(logged.model_id, {"k": "new", "other": "1"})
    assert {"k": "new", "other": "1"}.items() <= client.get_logged_model(logged.model_id).tags.items()
    client.delete_logged_model_tag(logged.model_id, "k")
    assert "k" not in client.get_logged_model(logged.model_id).tags
    missing(raw.delete(f"logged-models/{logged.model_id}/tags/k", {}))


def test_tag_keys_with_strange_letters_are_deleted_too(client, logged):
    client.set_logged_model_tags(logged.model_id, {"with space": "1", "mlflow.dots": "2"})

    for key in ("with space", "mlflow.dots"):
        client.delete_logged_model_tag(logged.model_id, key)
    assert {"with space", "mlflow.dots"}.isdisjoint(client.get_logged_model(logged.model_id).tags)


def test_parameters(client, logged):
    client.log_model_params(logged.model_id, {"rate": "0.1", "trees": "50"})

    assert client.get_logged_model(logged.model_id).params == {"depth": "3", "rate": "0.1", "trees": "50"}


def test_deleting(client, raw, experiment, logged):
    client.delete_logged_model(logged.model_id)

    missing(raw.get(f"logged-models/{logged.model_id}"))
    assert client.search_logged_models([experiment]) == []


def test_metrics_belong_to_run_and_model(client, run, logged):
    client.log_metric(run, "accuracy", 0.5, timestamp=1, step=1, model_id=logged.model_id, dataset_name="train", dataset_digest="d1")
    client.log_metric(run, "accuracy", 0.9, timestamp=2, step=2, model_id=logged.model_id, dataset_name="train", dataset_digest="d1")
    client.log_metric(run, "other", 3.0, timestamp=2, step=2)

    metrics = client.get_logged_model(logged.model_id).metrics
    assert [(m.key, m.value, m.dataset_name, m.dataset_digest, m.run_id, m.model_id) for m in metrics if m.value == 0.9] == [
        ("accuracy", 0.9, "train", "d1", run, logged.model_id)]
    assert {m.key for m in metrics} == {"accuracy"}
    assert client.get_run(run).data.metrics == {"accuracy": 0.9, "other": 3.0}


def test_inputs_and_outputs_of_a_run(client, raw, experiment, run, logged):
    client.log_outputs(run, [mlflow.entities.LoggedModelOutput(logged.model_id, step=4)])
    user = client.create_run(experiment).info.run_id
    client.log_inputs(user, models=[mlflow.entities.LoggedModelInput(logged.model_id)])

    assert [(o.model_id, o.step) for o in client.get_run(run).outputs.model_outputs] == [(logged.model_id, 4)]
    assert [i.model_id for i in client.get_run(user).inputs.model_inputs] == [logged.model_id]
    found = {r.info.run_id: r for r in client.search_runs([experiment])}
    assert [o.model_id for o in found[run].outputs.model_outputs] == [logged.model_id]
    missing(raw.post("runs/outputs", {"run_id": "f" * 32, "models": [{"model_id": logged.model_id, "step": 0}]}))


@pytest.fixture(scope="module")
def shelf():
    """Four logged models; what each clause finds among them is known."""
    client = mlflow.MlflowClient()
    experiment = client.create_experiment(unique("logged"))
    ids = {}
    for i, (name, kind, score) in enumerate([("one", "tree", 0.5), ("two", "tree", 0.7), ("three", "line", 0.9), ("four", None, None)]):
        run = client.create_run(experiment).info.run_id
        made = client.create_logged_model(experiment, name=name, source_run_id=run, tags={"n": str(i)}, params={"depth": str(i)}, model_type=kind)
        ids[made.model_id] = name
        if score is not None:
            client.log_metric(run, "score", score, model_id=made.model_id, dataset_name=f"set{i}", dataset_digest=f"d{i}")
        if i % 2:
            client.finalize_logged_model(made.model_id, "READY")
    return client, experiment, ids


def found(shelf, clause=None, **options):
    client, experiment, ids = shelf
    return [ids[m.model_id] for m in client.search_logged_models([experiment], clause, **options)]


@pytest.mark.parametrize("clause, names", [
    (None, "four three two one"), ("name = 'one'", "one"), ("attributes.name != 'one'", "four three two"), ("name LIKE 't%'", "three two"), ("name ILIKE 'T%'", "three two"),
    ("name IN ('one', 'two')", "two one"), ("name NOT IN ('one')", "four three two"), ("model_type = 'tree'", "two one"), ("status = 'READY'", differs("four two", "")), ("tags.n = '2'", "three"),
    ("params.depth = '1'", "two"), ("params.depth != '1'", "four three one"), ("metrics.score > 0.6", "three two"), ("metrics.score > 0.6 AND model_type = 'tree'", "two"),
    ("creation_timestamp > 0", "four three two one"), ("last_updated_timestamp < 10", ""), ("tags.n LIKE '%'", "four three two one"),
])
def test_searching(shelf, clause, names):
    assert sorted(found(shelf, clause)) == sorted(names.split())


def test_searching_by_ids(shelf):
    client, experiment, ids = shelf
    one = next(model for model, name in ids.items() if name == "one")

    assert found(shelf, f"model_id = '{one}'") == ["one"]
    assert found(shelf, f"source_run_id = '{client.get_logged_model(one).source_run_id}'") == ["one"]


def test_searching_in_an_order(shelf):
    def order(field, ascending, **more):
        return found(shelf, order_by=[{"field_name": field, "ascending": ascending, **more}])

    assert order("name", True) == ["four", "one", "three", "two"]
    assert order("name", False) == ["two", "three", "one", "four"]
    assert order("metrics.score", True) == ["one", "two", "three", "four"]
    assert order("metrics.score", False) == ["three", "two", "one", "four"]
    assert order("metrics.score", False, dataset_name="set1", dataset_digest="d1")[0] == "two"
    assert order("creation_timestamp", True)[0] in ("one", "two")
    assert set(order("last_updated_timestamp", False)) == set(order("model_id", True)) == {"one", "two", "three", "four"}


def test_searching_by_dataset(shelf):
    assert found(shelf, "metrics.score > 0", datasets=[{"dataset_name": "set1"}]) == differs(["two"], [])
    assert found(shelf, "metrics.score > 0", datasets=[{"dataset_name": "set1", "dataset_digest": "d1"}]) == ["two"]
    assert found(shelf, "metrics.score > 0", datasets=[{"dataset_name": "set1", "dataset_digest": "other"}]) == []


def test_page_by_page(shelf):
    client, experiment, ids = shelf
    seen, token = [], None
    for expected in (3, 1):
        page = client.search_logged_models([experiment], max_results=3, order_by=[{"field_name": "name"}], page_token=token)
        assert len(page) == expected
        seen, token = seen + [m.name for m in page], page.token
    assert not token and seen == ["four", "one", "three", "two"]


@pytest.mark.parametrize("message", [
    {"filter": "name > 'x'"}, {"filter": "name = 'a' OR name = 'b'"}, {"order_by": [{"field_name": "colour"}]}, {"filter": "params.depth > 1"},
    *differs([{"filter": "colour = 'x'"}, {"filter": "metrics.score = 'x'"}, {"page_token": "garbage"}], []),
])
def test_a_search_that_makes_no_sense_is_refused(shelf, raw, message):
    refused(raw.post("logged-models/search", {"experiment_ids": [shelf[1]], **message}))


def test_a_page_token_belongs_to_its_query(shelf, raw):
    token = accepted(raw.post("logged-models/search", {"experiment_ids": [shelf[1]], "max_results": 1}))["next_page_token"]

    refused(raw.post("logged-models/search", {"experiment_ids": [shelf[1]], "max_results": 1, "page_token": token, "filter": "name = 'one'"}))


def test_as_a_table(shelf):
    _, experiment, _ = shelf
    table = mlflow.search_logged_models([experiment], "metrics.score > 0")

    assert sorted(table["name"]) == ["one", "three", "two"]


def test_files_of_a_logged_model(client, raw, logged, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.txt").write_text("1 2 3")

    client.log_model_artifacts(logged.model_id, str(tmp_path / "model"))
    client.log_model_artifact(logged.model_id, str(tmp_path / "model" / "weights.txt"))

    assert [f.path for f in client.list_logged_model_artifacts(logged.model_id)] == ["weights.txt"]
    listing = accepted(raw.get(f"logged-models/{logged.model_id}/artifacts/directories"))
    assert [(f["path"], f["is_dir"], f["file_size"]) for f in listing["files"]] == [("weights.txt", False, 5)]
    assert listing["root_uri"] == client.get_logged_model(logged.model_id).artifact_location
    file = raw.send("GET", f"logged-models/{logged.model_id}/artifacts/files", "/ajax-api/2.0/mlflow/", params={"artifact_file_path": "weights.txt"})
    assert (file.status, file.content) == (200, b"1 2 3")
    assert raw.send("GET", f"logged-models/{logged.model_id}/artifacts/files", "/ajax-api/2.0/mlflow/", params={"artifact_file_path": "../x"}).status == 400


def test_registering_a_logged_model(client, raw, experiment, logged, model, tmp_path):
    (tmp_path / "MLmodel").write_text(f"model_id: {logged.model_id}\nflavors: {{}}\n")
    client.log_model_artifact(logged.model_id, str(tmp_path / "MLmodel"))
    client.finalize_logged_model(logged.model_id, "READY")

    made = client.create_model_version(model, f"models:/{logged.model_id}", logged.source_run_id, model_id=logged.model_id)

    assert made.source == f"models:/{logged.model_id}"
    assert client.get_model_version_download_uri(model, str(made.version)) == logged.artifact_location


def test_the_fluent_interface(active):
    model = mlflow.initialize_logged_model(name="fluent", tags={"a": "1"}, params={"p": "2"})
    mlflow.set_logged_model_tags(model.model_id, {"b": "2"})
    mlflow.finalize_logged_model(model.model_id, "READY")
    external = mlflow.create_external_model(name="elsewhere")

    assert mlflow.get_logged_model(model.model_id).tags["b"] == "2"
    assert {m.name for m in mlflow.search_logged_models(output_format="list")} == {"fluent", "elsewhere"}
    assert mlflow.get_logged_model(external.model_id).status == "READY"
    mlflow.delete_logged_model_tag(model.model_id, "b")
    assert "b" not in mlflow.get_logged_model(model.model_id).tags
