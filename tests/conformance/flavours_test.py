"""Models of scikit-learn and XGBoost: logged, listed, registered, loaded again; they guess what they guessed before."""
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
