"""What stands in a notebook: the fluent interface, nested runs, system tags, asynchronous logging, autologging."""
import threading
import time

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LinearRegression
from support import unique


def test_a_whole_run(client, active):
    with mlflow.start_run(run_name="by hand", tags={"given": "1"}, description="about it") as run:
        mlflow.log_param("p", 1)
        mlflow.log_params({"q": 2.5, "r": "text"})
        mlflow.log_metric("m", 0.5)
        for step in range(5):
            mlflow.log_metrics({"loss": 1.0 / (step + 1), "acc": step / 5}, step=step)
        mlflow.set_tag("t", "x")
        mlflow.set_tags({"u": 1, "v": None})
        mlflow.delete_tag("t")

    found = client.get_run(run.info.run_id)
    assert (found.info.status, found.info.run_name, found.info.experiment_id) == ("FINISHED", "by hand", active)
    assert found.info.end_time >= found.info.start_time
    assert found.data.params == {"p": "1", "q": "2.5", "r": "text"}
    assert found.data.metrics == {"m": 0.5, "loss": 0.2, "acc": 0.8}
    assert {"given": "1", "u": "1", "mlflow.note.content": "about it"}.items() <= found.data.tags.items() and "t" not in found.data.tags
    assert [m.step for m in client.get_metric_history(run.info.run_id, "loss")] == [0, 1, 2, 3, 4]


def test_system_tags(client, active):
    with mlflow.start_run() as run:
        pass

    tags = client.get_run(run.info.run_id).data.tags
    assert {"mlflow.user", "mlflow.source.name", "mlflow.source.type", "mlflow.runName"} <= set(tags)
    assert client.get_run(run.info.run_id).info.run_name == tags["mlflow.runName"]


def test_a_run_that_raises_is_failed(client, active):
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as run:
        raise ZeroDivisionError

    assert client.get_run(run.info.run_id).info.status == "FAILED"


def test_nested_runs(client, active):
    with mlflow.start_run() as parent:
        for i in range(3):
            with mlflow.start_run(nested=True, run_name=f"child {i}") as child:
                mlflow.log_metric("m", i)
                with mlflow.start_run(nested=True) as grandchild:
                    pass

    assert client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert client.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id
    found = mlflow.search_runs([active], f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.m DESC"], output_format="list")
    assert [run.info.run_name for run in found] == ["child 2", "child 1", "child 0"]


def test_going_on_with_a_run(client, active):
    with mlflow.start_run() as first:
        mlflow.log_param("p", 1)
    with mlflow.start_run(run_id=first.info.run_id):
        mlflow.log_param("p", 1)
        mlflow.log_metric("m", 1)
        assert client.get_run(first.info.run_id).info.status == "RUNNING"

    found = client.get_run(first.info.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"m": 1})


def test_a_deleted_run_is_not_gone_on_with(active):
    with mlflow.start_run() as run:
        pass
    mlflow.delete_run(run.info.run_id)

    with pytest.raises(MlflowException, match="deleted"):
        mlflow.start_run(run_id=run.info.run_id)


def test_the_last_run(active):
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 3)

    assert mlflow.last_active_run().info.run_id == run.info.run_id
    assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 3}


def test_setting_an_experiment_makes_it_once():
    name = unique("set")

    first, second = mlflow.set_experiment(name), mlflow.set_experiment(name)

    assert first.experiment_id == second.experiment_id
    assert mlflow.get_experiment_by_name(name).name == name


def test_many_metrics_in_one_call(client, active):
    values = {f"m{i}": float(i) for i in range(1500)}
    with mlflow.start_run() as run:
        mlflow.log_metrics(values)

    assert client.get_run(run.info.run_id).data.metrics == values


def test_many_parameters_in_one_call(client, active):
    values = {f"p{i}": str(i) for i in range(250)}
    with mlflow.start_run() as run:
        mlflow.log_params(values)
        mlflow.set_tags({f"t{i}": str(i) for i in range(250)})

    assert client.get_run(run.info.run_id).data.params == values


def test_a_parameter_that_changes_is_told(active):
    with mlflow.start_run():
        mlflow.log_param("p", 1)
        with pytest.raises(MlflowException, match="Changing param values is not allowed"):
            mlflow.log_param("p", 2)
        with pytest.raises(MlflowException, match="Changing param values is not allowed"):
            mlflow.log_params({"p": 3})


def test_logging_without_waiting(client, active):
    with mlflow.start_run() as run:
        pending = [mlflow.log_metric("m", i, step=i, synchronous=False) for i in range(50)]
        pending.append(mlflow.log_params({"p": 1}, synchronous=False))
        pending.append(mlflow.set_tag("t", "x", synchronous=False))
        for operation in pending:
            operation.wait()

    assert [m.value for m in client.get_metric_history(run.info.run_id, "m")] == [float(i) for i in range(50)]
    assert client.get_run(run.info.run_id).data.params == {"p": "1"}


def test_logging_without_waiting_by_setting(client, active):
    mlflow.config.enable_async_logging()
    try:
        with mlflow.start_run() as run:
            for i in range(20):
                mlflow.log_metric("m", i, step=i)
        mlflow.flush_async_logging()
    finally:
        mlflow.config.enable_async_logging(False)

    assert len(client.get_metric_history(run.info.run_id, "m")) == 20


def test_threads_log_to_one_run(client, experiment, run):
    failures = []

    def work(thread):
        try:
            for i in range(10):
                client.log_batch(run, [mlflow.entities.Metric(f"m{j}", thread, i, thread) for j in range(5)],
                                 tags=[mlflow.entities.RunTag("t", str(thread))])
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert client.get_run(run).data.metrics == {f"m{j}": 7.0 for j in range(5)}
    assert all(len(client.get_metric_history(run, f"m{j}")) == 80 for j in range(5))


def test_search_as_a_table(active):
    for i in range(3):
        with mlflow.start_run(run_name=f"r{i}"):
            mlflow.log_metric("m", i)

    table = mlflow.search_runs(order_by=["metrics.m DESC"], max_results=2)
    assert list(table["metrics.m"]) == [2, 1]
    assert list(table["status"]) == ["FINISHED"] * 2


def test_registering_by_the_fluent_interface(client, active):
    name = unique("fluent")
    with mlflow.start_run() as run:
        mlflow.log_text("flavors: {}\n", "model/MLmodel")

    made = mlflow.register_model(f"runs:/{run.info.run_id}/model", name, tags={"k": "v"})
    again = mlflow.register_model(f"runs:/{run.info.run_id}/model", name)

    assert (str(made.version), str(again.version)) == ("1", "2")
    assert client.get_model_version(name, "1").tags == {"k": "v"}
    assert client.get_model_version(name, "1").run_id == run.info.run_id
    assert [m.name for m in mlflow.search_registered_models(filter_string=f"name = '{name}'")] == [name]
    assert len(mlflow.search_model_versions(filter_string=f"name = '{name}'")) == 2


def test_autologging_of_scikit_learn(client, active):
    mlflow.sklearn.autolog(log_models=False, silent=True)
    try:
        with mlflow.start_run() as run:
            LinearRegression().fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)

    data = client.get_run(run.info.run_id).data
    assert data.params["fit_intercept"] == "True"
    assert data.metrics["training_mean_squared_error"] < 1e-9
    assert data.tags["estimator_name"] == "LinearRegression"


def test_time_does_not_go_backwards(client, active):
    before = int(time.time() * 1000)
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1)

    info = client.get_run(run.info.run_id).info
    assert before - 1000 <= info.start_time <= info.end_time <= int(time.time() * 1000) + 1000


@pytest.mark.current
def test_the_active_model_links_metrics(active):
    model = mlflow.set_active_model(name=unique("agent"))
    with mlflow.start_run():
        mlflow.log_metric("m", 0.5, model_id=model.model_id)

    assert [(m.key, m.value) for m in mlflow.get_logged_model(model.model_id).metrics] == [("m", 0.5)]
    mlflow.clear_active_model()
