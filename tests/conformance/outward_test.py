"""What AirWatch trained, opened by the client: it guesses what the server guesses."""
import importlib.util
import json
import os

import mlflow
import mlflow.artifacts
import mlflow.pyfunc
import mlflow.xgboost
import numpy
import pandas
import pytest
import xgboost

pytestmark = pytest.mark.airwatch
TRAINED = ["outward-boost", "outward-ridge", "outward-persistence"]  # by run.mjs


def rows_of(model):
    """Rows around the example that came with a model; where the signature lets them, values are missing."""
    columns = model.metadata.signature.inputs.inputs
    example = model.metadata.load_input_example(mlflow.artifacts.download_artifacts(model.test_uri))
    assert list(example.columns) == [c.name for c in columns] and len(example) == 1
    chance = numpy.random.default_rng(7)
    rows = pandas.DataFrame(example.to_numpy() * chance.uniform(-0.2, 2, (300, len(columns))), columns=example.columns)
    for c in columns:
        if not c.required:
            rows.loc[chance.uniform(size=len(rows)) < 0.2, c.name] = numpy.nan
    assert rows.isna().to_numpy().any() and not rows.isna().to_numpy().all()
    return rows


def opened(uri):
    model = mlflow.pyfunc.load_model(uri)
    model.test_uri = uri
    return model


def served(raw, name, rows):
    instances = [[None if numpy.isnan(x) else x for x in row] for row in rows.to_numpy().tolist()]
    reply = raw.send("POST", f"/api/v1/predict/{name}", prefix="", json={"instances": instances})
    assert reply.status == 200, reply
    return pandas.DataFrame(reply.json["predictions"])


@pytest.mark.parametrize("name", TRAINED)
def test_it_guesses_what_the_server_guesses_with_its_interval(raw, name):
    model = opened(f"models:/{name}/1")
    rows = rows_of(model)

    told = served(raw, name, rows)
    table = model.predict(rows, params={"interval": True})

    assert numpy.abs(model.predict(rows) - told["value"]).max() <= 5.1e-7  # the server rounds to six decimals
    for column in ["value", "lower", "upper"]:
        assert numpy.abs(table[column] - told[column]).max() <= 5.1e-7
    assert (table["lower"] >= 0).all()  # the recipe's floor


@pytest.mark.parametrize("name", TRAINED)
def test_every_address_opens_the_same(client, name):
    version = client.get_model_version(name, "1")
    assert client.get_model_version_download_uri(name, "1") == version.source
    assert version.source == client.get_run(version.run_id).info.artifact_uri + "/model"
    rows = rows_of(opened(version.source))

    guesses = [opened(uri).predict(rows).tolist()
               for uri in [f"models:/{name}/1", f"models:/{name}@production", f"models:/{name}/Production", f"runs:/{version.run_id}/model", version.source]]

    assert all(g == guesses[0] for g in guesses)
    files = {f.path for f in client.list_artifacts(version.run_id, "model")}
    assert {"model/MLmodel", "model/airwatch.json", "model/input_example.json", "model/requirements.txt",
            "model/conda.yaml", "model/python_env.yaml", "model/code"} <= files


def test_columns_may_stand_in_any_order_and_optional_ones_be_absent():
    model = opened("models:/outward-ridge/1")
    rows = rows_of(model)
    optional = [c.name for c in model.metadata.signature.inputs.inputs if not c.required]
    rows[optional[0]] = numpy.nan

    assert model.predict(rows[rows.columns[::-1]]).tolist() == model.predict(rows).tolist()
    assert model.predict(rows.drop(columns=optional[0])).tolist() == model.predict(rows).tolist()
    required = [c.name for c in model.metadata.signature.inputs.inputs if c.required]
    with pytest.raises(mlflow.exceptions.MlflowException, match=required[0]):
        model.predict(rows.drop(columns=required[0]))


def test_xgboost_opens_the_trees():
    model = opened("models:/outward-boost/1")
    rows = rows_of(model)

    booster = mlflow.xgboost.load_model("models:/outward-boost/1")

    assert booster.feature_names == list(rows.columns)
    raw = booster.predict(xgboost.DMatrix(rows))
    assert (numpy.maximum(raw, 0) == model.predict(rows)).all()  # to the last bit, but for the floor
    assert booster.num_boosted_rounds() > 1 and booster.get_score(importance_type="weight")


def test_the_loader_knows_the_climatology_too():
    folder = mlflow.artifacts.download_artifacts("models:/outward-persistence/1")
    spec = importlib.util.spec_from_file_location("loader", os.path.join(folder, "code", "airwatch_model.py"))
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    with open(os.path.join(folder, "airwatch.json"), encoding="utf-8") as file:
        artifact = json.load(file)
    artifact["model"]["family"] = "climatology"
    model = loader.AirWatchModel(artifact)
    rows = numpy.full((3, len(model.columns)), 1.0)
    rows[:, model.columns.index("climatology")] = [17.5, numpy.nan, -4]

    assert model.predict(rows).tolist() == [17.5, artifact["model"]["mean"], 0]
    with pytest.raises(ValueError, match="not \\(n, "):
        model.predict(rows[:, :3])
    with pytest.raises(ValueError, match="airwatch-artifact-9"):
        loader.AirWatchModel({**artifact, "format": "airwatch-artifact-9"})
