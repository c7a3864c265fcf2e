"""Fixtures: the real client and a raw one, pointed at the server under test."""
import json
import os

os.environ["MLFLOW_TRACKING_URI"] = os.environ["CONFORMANCE_URL"]
if os.environ.get("CONFORMANCE_TOKEN"):
    os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["CONFORMANCE_TOKEN"]
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"  # a 5xx must show, not be waited for
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["MPLBACKEND"] = "agg"

import mlflow  # noqa: E402
import pytest  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from support import CURRENT, IS_MLFLOW, Raw, unique  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "current: says something of the current release alone: logged models, and what the old client does wrong")
    config.addinivalue_line("markers", "older: says something of the older release alone, and of what its server has")
    config.addinivalue_line("markers", "airwatch: says something of AirWatch alone")


def pytest_terminal_summary(terminalreporter):
    """Counts for the closing line of the run with both clients."""
    def count(*outcomes):
        return sum(len(terminalreporter.stats.get(outcome, [])) for outcome in outcomes)

    if "CONFORMANCE_TALLY" in os.environ:
        with open(os.environ["CONFORMANCE_TALLY"], "w") as file:
            json.dump({"version": mlflow.__version__, "passed": count("passed"), "failed": count("failed", "error", "skipped")}, file)


def pytest_collection_modifyitems(config, items):
    def applies(item):
        if item.get_closest_marker("current") and not CURRENT:
            return False
        if item.get_closest_marker("older") and (CURRENT or IS_MLFLOW):
            return False
        if IS_MLFLOW and not CURRENT and item.path.name == "auth_test.py":
            return False  # MLflow's server of today cannot tell that client who its users are
        return not (item.get_closest_marker("airwatch") and IS_MLFLOW)

    config.hook.pytest_deselected(items=[item for item in items if not applies(item)])
    items[:] = [item for item in items if applies(item)]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    """Nothing lands beside the tests, and no test leaves an active run or experiment behind."""
    monkeypatch.chdir(tmp_path)
    yield
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.tracking.fluent._active_experiment_id = None
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
    os.environ.pop("MLFLOW_RUN_ID", None)


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def raw():
    return Raw()


@pytest.fixture
def experiment(client):
    return client.create_experiment(unique("experiment"))


@pytest.fixture
def active(experiment):
    """An experiment that the fluent interface works in."""
    mlflow.set_experiment(experiment_id=experiment)
    return experiment


@pytest.fixture
def run(client, experiment):
    return client.create_run(experiment).info.run_id


@pytest.fixture
def model(client):
    name = unique("model")
    client.create_registered_model(name)
    return name


@pytest.fixture
def version(client, model, run):
    """Version 1 of `model`, from an artifact folder of `run`."""
    source = client.get_run(run).info.artifact_uri + "/model"
    return client.create_model_version(model, source, run)
