"""Models of scikit-learn and XGBoost: logged, listed, registered, loaded again; they guess what they guessed before."""
import time

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import mlflow.xgboost
import numpy
import pandas
import pytest
import xgboost
from sklearn.linear_model import LogisticRegression
from support import CURRENT, unique

X = pandas.DataFrame({"a": numpy.linspace(0, 1, 40), "b": numpy.linspace(1, -1, 40) ** 2})
Y = (X["a"] > 0.5).astype(int)


def named(name):
    """The name's argument has changed its own; given requirements save the long search for them."""
    return {"name" if CURRENT else "artifact_path": name, "pip_requirements": ["scikit-learn", "xgboost"]}


def linear():
    return LogisticRegression().fit(X, Y)


def trees():
    return xgboost.train({"max_depth": 2, "objective": "binary:logistic"}, xgboost.DMatrix(X, Y), num_boost_round=3)


def test_a_scikit_learn_model_goes_and_comes(client, active):
    model = linear()
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(model, input_example=X.head(2), signature=mlflow.models.infer_signature(X, Y), **named("model"))

    back = mlflow.sklearn.load_model(info.model_uri)
    assert numpy.array_equal(back.predict_proba(X), model.predict_proba(X))
    assert list(mlflow.pyfunc.load_model(info.model_uri).predict(X)) == list(model.predict(X))
    files = {f.path for f in client.list_artifacts(run.info.run_id, "model")}
    assert "model/MLmodel" in files
    assert mlflow.models.get_model_info(info.model_uri).signature.inputs.input_names() == ["a", "b"]


@pytest.mark.parametrize("format", ["json", "ubj"])
def test_an_xgboost_model_goes_and_comes(active, format):
    model = trees()
    with mlflow.start_run():
        info = mlflow.xgboost.log_model(model, model_format=format, signature=mlflow.models.infer_signature(X, Y), **named("trees"))

    back = mlflow.xgboost.load_model(info.model_uri)
    assert numpy.allclose(back.predict(xgboost.DMatrix(X)), model.predict(xgboost.DMatrix(X)))
    assert numpy.allclose(mlflow.pyfunc.load_model(info.model_uri).predict(X), model.predict(xgboost.DMatrix(X)))


def test_by_the_runs_address(active):
    model = linear()
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(model, **named("model"))

    assert numpy.array_equal(mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model").coef_, model.coef_)


def test_registered_while_it_is_logged_and_loaded_by_name(client, active):
    name, first, second = unique("registered"), linear(), LogisticRegression(C=0.1).fit(X, Y)
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(first, registered_model_name=name, **named("one"))
        mlflow.sklearn.log_model(second, registered_model_name=name, **named("two"))
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "2", "Production")

    def coefficients(uri):
        return mlflow.sklearn.load_model(uri).coef_.tolist()

    assert coefficients(f"models:/{name}/1") == coefficients(f"models:/{name}@champion") == first.coef_.tolist()
    assert coefficients(f"models:/{name}/2") == coefficients(f"models:/{name}/Production") == coefficients(f"models:/{name}/latest") == second.coef_.tolist()
    assert client.get_model_version(name, "1").run_id == run.info.run_id


def test_autologging_of_xgboost(client, active):
    mlflow.xgboost.autolog(log_models=False, silent=True)
    try:
        with mlflow.start_run() as run:
            trees()
    finally:
        mlflow.xgboost.autolog(disable=True, silent=True)

    found = client.get_run(run.info.run_id)
    assert found.data.params["max_depth"] == "2" and found.data.params["objective"] == "binary:logistic"
    assert "feature_importance_weight.png" in {f.path for f in client.list_artifacts(run.info.run_id)}


def test_an_own_python_model(active):
    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input * 2

    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(python_model=Doubler(), **named("doubler"))

    assert mlflow.pyfunc.load_model(info.model_uri).predict(pandas.DataFrame({"x": [1, 2]}))["x"].tolist() == [2, 4]


@pytest.mark.current
def test_a_logged_model_knows_its_run_and_versions(client, active):
    name = unique("linked")
    with mlflow.start_run() as run:
        mlflow.log_param("rate", 0.1)
        info = mlflow.sklearn.log_model(linear(), name="model", registered_model_name=name, params={"depth": 3}, pip_requirements=["scikit-learn"])
        mlflow.log_metric("acc", 0.75, model_id=info.model_id)

    model = mlflow.get_logged_model(info.model_id)
    assert (model.status, model.source_run_id, model.name) == ("READY", run.info.run_id, "model")
    assert [(m.key, m.value) for m in model.metrics] == [("acc", 0.75)]
    assert client.get_model_version(name, "1").source == f"models:/{info.model_id}"
    assert [o.model_id for o in client.get_run(run.info.run_id).outputs.model_outputs] == [info.model_id]
    assert mlflow.search_logged_models([active], output_format="list")[0].model_id == info.model_id


def test_a_copied_version(client, active):
    source, target = unique("source"), unique("target")
    with mlflow.start_run():
        mlflow.sklearn.log_model(linear(), registered_model_name=source, **named("model"))

    made = client.copy_model_version(f"models:/{source}/1", target)

    assert (made.name, str(made.version)) == (target, "1")
    assert mlflow.sklearn.load_model(f"models:/{target}/1").coef_.shape == (1, 2)


def answered(raw, name, rows):
    """What our own address predicts, once the model is served."""
    for _ in range(200):
        reply = raw.send("POST", name, prefix="/api/v1/predict/", json={"instances": rows})
        if reply.status != 404:
            break
        time.sleep(0.05)
    assert reply.status == 200, reply
    return [one["value"] for one in reply.json["predictions"]]


@pytest.mark.airwatch
@pytest.mark.parametrize("format", ["json", "ubj"])
def test_boosters_from_a_notebook_are_served_as_they_are(client, raw, active, format):
    models = {
        "squared": xgboost.train({"max_depth": 3}, xgboost.DMatrix(X, X["a"] * 3 + X["b"]), num_boost_round=20),
        "chance": trees(),
        "regressor": xgboost.XGBRegressor(n_estimators=12, max_depth=2).fit(X, X["b"] * 7),
        "poisson": xgboost.train({"objective": "count:poisson"}, xgboost.DMatrix(X, numpy.floor(X["a"] * 9)), num_boost_round=9),
    }
    gappy = X.astype(object).mask(numpy.arange(80).reshape(40, 2) % 7 == 0)
    rows = [[None if value != value else float(value) for value in row] for row in gappy.to_numpy()]
    for kind, model in models.items():
        name = unique(f"served-{kind}")
        with mlflow.start_run():
            mlflow.xgboost.log_model(model, registered_model_name=name, model_format=format,
                                     signature=mlflow.models.infer_signature(X, Y.astype(float)), **named("model"))
        client.set_registered_model_alias(name, "production", "1")
        data = gappy.astype(float)
        want = model.predict(data if kind == "regressor" else xgboost.DMatrix(data))
        assert numpy.allclose(answered(raw, name, rows), want, rtol=1e-5, atol=1e-6), kind


@pytest.mark.airwatch
def test_a_linear_model_in_the_neutral_form_is_served(client, raw, active):
    name, model = unique("logit"), linear()
    with mlflow.start_run() as run:
        mlflow.log_dict({"format": "airwatch-linear-1", "features": ["a", "b"], "weights": model.coef_.ravel().tolist(),
                         "intercept": float(model.intercept_[0]), "link": "logistic"}, "chance/airwatch.json")
    client.create_registered_model(name)
    version = client.create_model_version(name, f"runs:/{run.info.run_id}/chance", run.info.run_id)
    client.set_registered_model_alias(name, "production", version.version)

    assert numpy.allclose(answered(raw, name, X.to_numpy().tolist()), model.predict_proba(X)[:, 1], atol=1e-6)


@pytest.mark.airwatch
def test_a_pickle_is_refused_where_it_is_promoted(client, active):
    name = unique("pickle")
    with mlflow.start_run():
        mlflow.sklearn.log_model(linear(), registered_model_name=name, **named("model"))

    with pytest.raises(mlflow.MlflowException, match="served are xgboost, and linear models"):
        client.set_registered_model_alias(name, "production", "1")
    assert "production" not in client.get_registered_model(name).aliases
