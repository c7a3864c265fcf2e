"""Holds what was imported against its source.  usage: border_compare.py SOURCE OURS"""
import math
import os
import sys

import mlflow
import numpy
from mlflow import MlflowClient
from mlflow.entities import ViewType

SOURCE, OURS = (MlflowClient(tracking_uri=uri, registry_uri=uri) for uri in sys.argv[1:3])


def same(what, source, ours):
    assert source == ours, f"{what}: {source!r} became {ours!r}"


def pairs(experiments):
    return {e.name: e for e in experiments if e.name.startswith("border")}


def points(client, run, key):
    """A history, with NaN as a word, so that it equals itself."""
    return sorted((m.timestamp, m.step, "nan" if math.isnan(m.value) else m.value) for m in client.get_metric_history(run, key))


def files(client, run, path=None):
    mlflow.set_tracking_uri(sys.argv[1 if client is SOURCE else 2])  # 2.12 asks this one for files, whatever the client's
    found = {}
    for f in client.list_artifacts(run, path):
        found.update(files(client, run, f.path) if f.is_dir else {f.path: f.file_size or 0})  # an empty one is told without a size
    return found


def dataset(given):
    d = given.dataset
    return (d.name, d.digest, d.source_type, d.source, d.schema, d.profile, [(t.key, t.value) for t in given.tags])


theirs, ours = (pairs(c.search_experiments(view_type=ViewType.ALL)) for c in (SOURCE, OURS))
same("experiments", sorted(theirs), sorted(ours))
n_runs = 0
for name, e in theirs.items():
    o = ours[name]
    same(f"experiment {name}", (e.lifecycle_stage, e.creation_time, e.tags), (o.lifecycle_stage, o.creation_time, o.tags))
    runs, copies = ({r.info.run_id: r for r in c.search_runs([x.experiment_id], run_view_type=ViewType.ALL)} for c, x in ((SOURCE, e), (OURS, o)))
    if e.lifecycle_stage == "active":
        same("runs", sorted(runs), sorted(copies))
    for id, r in runs.items():
        n_runs += 1
        c = OURS.get_run(id)
        same(f"run {id}", *((x.run_name, x.status, x.start_time, x.end_time, x.user_id) for x in (r.info, c.info)))
        same("its stage", r.info.lifecycle_stage, c.info.lifecycle_stage)
        same("its params", r.data.params, c.data.params)
        same("its tags", r.data.tags, c.data.tags)
        same("its inputs", [dataset(d) for d in r.inputs.dataset_inputs], [dataset(d) for d in c.inputs.dataset_inputs])
        same("its metrics", sorted(r.data.metrics), sorted(c.data.metrics))
        for key in r.data.metrics:
            same(f"history of {key}", points(SOURCE, id, key), points(OURS, id, key))
        same("its files", files(SOURCE, id), files(OURS, id))
assert n_runs == 7, n_runs

child = next(r for r in OURS.search_runs([ours["border/first"].experiment_id]) if r.info.run_name == "child")
assert len(OURS.get_metric_history(child.info.run_id, "loss")) == 12000
parent = OURS.get_run(child.data.tags["mlflow.parentRunId"])
assert parent.info.run_name == "parent"
mlflow.set_tracking_uri(sys.argv[2])
assert mlflow.artifacts.load_text(parent.info.artifact_uri + "/notes/hello ä.txt") == "hello"

models = [{m.name: m for m in c.search_registered_models()} for c in (SOURCE, OURS)]
for name in ["border model", "border's"]:
    m, o = (x[name] for x in models)
    same(f"model {name}", (m.description or "", m.tags, m.creation_timestamp), (o.description or "", o.tags, o.creation_timestamp))
    quoted = f'name="{name}"'
    versions, copies = ({str(v.version): v for v in c.search_model_versions(quoted)} for c in (SOURCE, OURS))
    same("versions", sorted(versions), sorted(copies))
    for number, v in versions.items():
        c = copies[number]
        told = {k: x for k, x in c.tags.items() if not k.startswith("airwatch.")}  # ours, of a version in a stage
        same(f"version {number}", (v.description or "", v.run_id, v.tags, v.current_stage, v.creation_timestamp), (c.description or "", c.run_id, told, c.current_stage, c.creation_timestamp))
aliases = OURS.get_registered_model("border's").aliases
assert {k: str(v) for k, v in aliases.items()} == {"best": "3"}, aliases  # "production" decides what serves

os.environ["MLFLOW_TRACKING_URI"] = sys.argv[2]
mlflow.set_registry_uri(sys.argv[2])
rows = numpy.array([[0.0, 1], [1, 0], [2, 1]])
assert numpy.allclose(mlflow.pyfunc.load_model("models:/border model/1").predict(rows), [1, 2, 3], atol=1.1)
print("the same")
