"""Fills a server of MLflow's with what is then imported: some of everything.  usage: border_fill.py ADDRESS"""
import sys
import time

import mlflow
import numpy
import pandas
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from packaging.version import Version
from sklearn.linear_model import LinearRegression

CURRENT = Version(mlflow.__version__) >= Version("3.0")
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
X = pandas.DataFrame({"a": [0.0, 1, 2], "b": [1.0, 0, 1]})


def log_model(**options):
    mlflow.sklearn.log_model(LinearRegression().fit(X, [1, 2, 3]), pip_requirements=["scikit-learn"], **{"name" if CURRENT else "artifact_path": "model"}, **options)


first = client.create_experiment("border/first", tags={"team": "air", "note": "ä \"quoted\""})
mlflow.set_experiment(experiment_id=first)
with mlflow.start_run(run_name="parent", tags={"colour": "blue"}) as parent:
    mlflow.log_params({"rate": 0.1, "empty": "", "words": "x" * 500})
    mlflow.log_input(mlflow.data.from_pandas(X, name="table"), context="training")
    mlflow.log_text("hello", "notes/hello ä.txt")
    mlflow.log_text("", "empty.txt")
    log_model(registered_model_name="border model")
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("odd", float("nan"), step=3)
        mlflow.log_metric("odd", float("inf"), step=-1)
        mlflow.log_metric("odd", 1e-300, step=2**40)
now = int(time.time() * 1000)
for start in range(0, 12000, 1000):  # more than a page
    client.log_batch(child.info.run_id, metrics=[Metric("loss", 1 / (i + 1), now + i, i) for i in range(start, start + 1000)])
gone = client.create_run(first, run_name="gone").info.run_id
client.log_batch(gone, params=[Param("p", "1")], tags=[RunTag("t", "2")])
client.set_terminated(gone, "FAILED")
client.delete_run(gone)
running = client.create_run(first, run_name="still running").info.run_id
client.log_metric(running, "m", 1.0, timestamp=now, step=0)
second = client.create_experiment("border second")
for i in range(3):
    run = client.create_run(second, run_name=f"run {i}", start_time=1_600_000_000_000 + i)
    client.log_metric(run.info.run_id, "m", i)
    client.set_terminated(run.info.run_id, "KILLED" if i == 2 else "FINISHED", end_time=1_600_000_001_000 + i)
client.delete_experiment(second)

client.create_registered_model("border's", tags={"k": "v"}, description="Mine")
for i in range(3):
    version = client.create_model_version("border's", parent.info.artifact_uri + "/notes", parent.info.run_id, tags={"i": str(i)}, description=f"number {i}")
client.delete_model_version("border's", "2")
client.set_registered_model_alias("border's", "best", "3")
client.set_registered_model_alias("border's", "production", "1")
client.transition_model_version_stage("border's", "1", "Archived")
client.transition_model_version_stage("border's", "3", "Production")
