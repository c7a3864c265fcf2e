"""Users, passwords and permissions: who is let in, who may do what, and what searches hide."""
import os
from contextlib import contextmanager

import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from mlflow.server.auth.client import AuthServiceClient
from support import ADDRESS, CURRENT, TOKEN, Raw, accepted, differs, refused, unique

ADDRESS = os.environ.get("CONFORMANCE_AUTH_URL", ADDRESS)  # MLflow's own server asks nobody, but for a second one
ADMINISTRATOR = ("admin", os.environ["CONFORMANCE_AUTH_PASSWORD"]) if "CONFORMANCE_AUTH_PASSWORD" in os.environ else None
CREDENTIALS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
PASSWORD = "a-password-of-22-letters"


@contextmanager
def as_user(who):
    """Signs the client in by the environment, as a data scientist does; None is a stranger."""
    before = {name: os.environ.pop(name, None) for name in CREDENTIALS}
    if who == "operator":
        who = ADMINISTRATOR
        if who is None:
            os.environ["MLFLOW_TRACKING_TOKEN"] = TOKEN
    if who is not None:
        os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"] = who
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@pytest.fixture
def users():
    return AuthServiceClient(ADDRESS)


@pytest.fixture
def tracking():
    return MlflowClient(ADDRESS, ADDRESS)


@pytest.fixture
def person(users):
    """Makes users; each is a name and a password."""
    def make():
        name = unique("user")
        with as_user("operator"):
            users.create_user(name, PASSWORD)
        return name, PASSWORD
    return make


def raw_as(who):
    if who == "operator":
        return Raw(ADDRESS, basic=ADMINISTRATOR) if ADMINISTRATOR else Raw(ADDRESS)
    return Raw(ADDRESS, token="", basic=who)


@contextmanager
def denied(words="Permission denied", code="PERMISSION_DENIED"):
    with pytest.raises((MlflowException, requests.HTTPError), match=words) as caught:
        yield
    assert getattr(caught.value, "error_code", code) == code


def stranger():
    return denied("You are not authenticated.", "UNAUTHENTICATED")


# ---- who is let in -----------------------------------------------------------------------------------

@pytest.mark.parametrize("method, path", [
    ("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0"), ("POST", "/api/2.0/mlflow/experiments/search"), ("POST", "/ajax-api/2.0/mlflow/runs/search"),
    ("POST", "/api/2.0/mlflow/runs/log-metric"), ("GET", "/api/2.0/mlflow/registered-models/search"), ("POST", "/api/2.0/mlflow/users/create"),
    ("GET", "/api/2.0/mlflow-artifacts/artifacts?path=0"), ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/x"), ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/0/x"),
    ("GET", "/get-artifact?run_id=x&path=y"), ("GET", "/model-versions/get-artifact?name=x&version=1&path=y"), ("POST", "/api/2.0/mlflow/logged-models"),
    ("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/x"), ("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=x&path=y"),
])
@pytest.mark.parametrize("who", [None, ("nobody", PASSWORD), ("admin", ""), ("", "")], ids=["none", "unknown", "empty password", "empty"])
def test_a_stranger_is_asked_who_they_are(method, path, who):
    options = {} if method == "GET" else {"data": b"x"} if "/artifacts/" in path else {"json": {}}
    reply = raw_as(who).send(method, path, "", **options)

    assert reply.status == 401, reply
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="mlflow"'
    assert "You are not authenticated" in reply.message


def test_a_wrong_password_is_refused(person, tracking):
    name, _ = person()

    for wrong in ("wrong-password-of-some-length", PASSWORD[:-1], PASSWORD + "x", PASSWORD.upper()):
        assert raw_as((name, wrong)).get("experiments/get", experiment_id="0").status == 401
    with as_user((name, "wrong")), stranger():
        tracking.search_experiments()


def test_a_password_lets_in(person, tracking):
    with as_user(person()):
        assert tracking.get_experiment("0").name == "Default"


def test_no_credentials_no_entry(tracking):
    with as_user(None), stranger():
        tracking.search_experiments()


@pytest.mark.airwatch
def test_a_token_lets_in_by_either_way(tracking):
    with as_user(("anything", TOKEN)):
        assert tracking.get_experiment("0").name == "Default"
    with as_user("operator"):
        assert "MLFLOW_TRACKING_USERNAME" not in os.environ and tracking.get_experiment("0").name == "Default"


@pytest.mark.airwatch
@pytest.mark.parametrize("token", ["", "x", "aw_" + "0" * 40, "x" * 5000])
def test_an_unknown_token_is_refused(token):
    assert Raw(ADDRESS, token="").send("GET", "experiments/get", params={"experiment_id": "0"}, headers={"Authorization": f"Bearer {token}"}).status == 401


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic " + "A" * 9000, "Digest x", "Bearer", "basic\tx"])
def test_a_broken_header_is_no_server_error(header):
    reply = Raw(ADDRESS, token="").send("GET", "experiments/get", params={"experiment_id": "0"}, headers={"Authorization": header})

    assert reply.status in differs((400, 401), (400, 401, 500)), reply


# ---- users -------------------------------------------------------------------------------------------

def test_a_users_life(users, person):
    name, password = person()
    with as_user("operator"):
        user = users.get_user(name)
        assert (user.username, user.is_admin) == (name, False)
        users.update_user_admin(name, True)
        assert users.get_user(name).is_admin is True
        users.update_user_admin(name, False)
        users.update_user_password(name, "another-password-of-length")
    with as_user((name, password)), stranger():
        users.get_user(name)
    with as_user((name, "another-password-of-length")):
        assert users.get_user(name).username == name
    with as_user("operator"):
        users.delete_user(name)
        with pytest.raises(MlflowException, match=f"User with username={name} not found") as caught:
            users.get_user(name)
        assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    with as_user((name, "another-password-of-length")), stranger():
        users.get_user(name)


def test_a_user_is_made_once(users, person):
    name, _ = person()

    with as_user("operator"), pytest.raises(MlflowException) as caught:
        users.create_user(name, PASSWORD)
    assert caught.value.error_code == "RESOURCE_ALREADY_EXISTS"


@pytest.mark.parametrize("name, password", [("", PASSWORD), (unique(), ""), (unique(), "x"), (unique(), None), (None, PASSWORD)])
def test_a_user_needs_a_name_and_a_password(name, password):
    message = {key: value for key, value in (("username", name), ("password", password)) if value is not None}

    reply = raw_as("operator").post("users/create", message)
    assert reply.status == 400, reply
    assert reply.code == "INVALID_PARAMETER_VALUE" or differs(False, True), reply


@pytest.mark.parametrize("body", ["null", ""])
def test_a_user_is_not_made_of_nothing(body):
    reply = raw_as("operator").send("POST", "users/create", data=body, headers={"Content-Type": "application/json"})

    assert reply.status == 400, reply


def test_users_are_the_operators_business(users, person):
    one, other = person(), person()

    with as_user(one):
        with denied():
            users.create_user(unique(), PASSWORD)
        with denied():
            users.get_user(other[0])
        with denied():
            users.update_user_password(other[0], "another-password-of-length")
        with denied():
            users.update_user_admin(one[0], True)
        with denied():
            users.delete_user(other[0])
    with as_user(None):
        with stranger():
            users.create_user(unique(), PASSWORD)
        with stranger():
            users.delete_user(one[0])


def test_who_am_i(person):
    one = person()

    user = accepted(raw_as(one).get("users/current"))["user"]
    assert set(user) == {"id", "username", "is_admin"} and (user["username"], user["is_admin"]) == (one[0], False)
    assert accepted(raw_as("operator").get("users/current"))["user"]["is_admin"] is True


def test_one_changes_ones_own_password_by_the_old_one(person):
    name, password = one = person()
    change = {"username": name, "password": "another-password-of-length"}

    refused(raw_as(one).patch("users/update-password", change), "Current password is required")
    refused(raw_as(one).patch("users/update-password", {**change, "current_password": "wrong"}), "Current password does not match")
    accepted(raw_as(one).patch("users/update-password", {**change, "current_password": password}))
    assert raw_as(one).get("users/current").status == 401
    assert raw_as((name, "another-password-of-length")).get("users/current").status == 200


# ---- permissions ---------------------------------------------------------------------------------------

def grant(users, kind, thing, who, permission):
    """Each client has its own way to grant."""
    if CURRENT:
        users.grant_user_permission(who[0], kind, thing, "DENY" if permission == "NO_PERMISSIONS" else permission)
    elif kind == "experiment":
        users.create_experiment_permission(thing, who[0], permission)
    else:
        users.create_registered_model_permission(thing, who[0], permission)


@pytest.fixture
def owned(tracking, person):
    """An experiment with a run, and who made them."""
    owner = person()
    with as_user(owner):
        experiment = tracking.create_experiment(unique("owned"))
        return owner, experiment, tracking.create_run(experiment).info.run_id


def test_a_maker_manages(tracking, owned):
    owner, experiment, run = owned

    with as_user(owner):
        tracking.log_metric(run, "m", 1)
        tracking.set_experiment_tag(experiment, "k", "v")
        tracking.delete_run(run)
        tracking.restore_run(run)
        tracking.delete_experiment(experiment)


def test_another_user_reads_and_no_more(tracking, owned, person):
    _, experiment, run = owned

    with as_user(person()):
        assert tracking.get_run(run).info.run_id == run
        assert [r.info.run_id for r in tracking.search_runs([experiment])] == [run]
        for attempt in (lambda: tracking.log_metric(run, "m", 1), lambda: tracking.log_param(run, "p", 1), lambda: tracking.set_tag(run, "t", "1"),
                        lambda: tracking.log_batch(run, [Metric("m", 1, 1, 0)]), lambda: tracking.delete_run(run), lambda: tracking.set_terminated(run),
                        lambda: tracking.create_run(experiment), lambda: tracking.set_experiment_tag(experiment, "k", "v"),
                        lambda: tracking.rename_experiment(experiment, unique()), lambda: tracking.delete_experiment(experiment),
                        lambda: tracking.delete_tag(run, "mlflow.user"), lambda: tracking.log_text(run, "x", "a.txt")):
            with denied():
                attempt()


@pytest.mark.parametrize("permission", ["READ", "EDIT", "MANAGE", "NO_PERMISSIONS"])
def test_what_a_permission_on_an_experiment_allows(users, tracking, owned, person, permission):
    owner, experiment, run = owned
    guest = person()
    with as_user(owner):
        grant(users, "experiment", experiment, guest, permission)

    def may(attempt):
        try:
            attempt()
        except (MlflowException, requests.HTTPError) as error:
            assert "Permission denied" in str(error)
            return False
        return True

    with as_user(guest):
        assert may(lambda: tracking.get_run(run)) is (permission != "NO_PERMISSIONS")
        assert may(lambda: tracking.log_metric(run, "m", 1)) is (permission in ("EDIT", "MANAGE"))
        assert may(lambda: tracking.log_text(run, "x", "a.txt")) is (permission in ("EDIT", "MANAGE"))
        assert may(lambda: tracking.list_artifacts(run)) is (permission != "NO_PERMISSIONS")
        assert may(lambda: tracking.delete_run(run)) is (permission == "MANAGE")
        assert may(lambda: tracking.delete_experiment(experiment)) is (permission == "MANAGE")


def test_files_are_deleted_by_managers_alone(users, tracking, owned, person):
    owner, experiment, run = owned
    editor = person()
    with as_user(owner):
        grant(users, "experiment", experiment, editor, "EDIT")
        tracking.log_text(run, "x", "a.txt")

    path = f"{experiment}/{run}/artifacts/a.txt"
    assert raw_as(editor).send("DELETE", path, "/api/2.0/mlflow-artifacts/artifacts/").status == 403
    assert raw_as(owner).send("DELETE", path, "/api/2.0/mlflow-artifacts/artifacts/").status == 200


def test_searches_hide_what_may_not_be_read(users, tracking, person):
    owner, guest, mark = person(), person(), unique("hidden")
    readable = [0, 3, 4, 5, 8]
    with as_user(owner):
        for i in range(10):
            permission = "READ" if i in readable else "NO_PERMISSIONS"
            grant(users, "experiment", tracking.create_experiment(f"{mark}{i}"), guest, permission)
            tracking.create_registered_model(f"{mark}{i}")
            grant(users, "registered_model", f"{mark}{i}", guest, permission)

    def names(search, size):
        seen, token = [], None
        while True:
            page = search(filter_string=f"name LIKE '{mark}%'", order_by=["name ASC"], max_results=size, page_token=token)
            seen, token = seen + [thing.name for thing in page], page.token
            if not token:
                return seen

    for search in (tracking.search_experiments, tracking.search_registered_models):
        for size in (100, 4):
            with as_user(owner):
                assert names(search, size) == [f"{mark}{i}" for i in range(10)]
            with as_user(guest):
                assert names(search, size) == [f"{mark}{i}" for i in readable]


@pytest.mark.current
def test_logged_models_are_read_by_others_and_changed_by_their_maker(users, tracking, owned, person):
    owner, experiment, _ = owned
    with as_user(owner):
        model = tracking.create_logged_model(experiment)
        tracking.set_logged_model_tags(model.model_id, {"key": "value"})
    with as_user(person()):
        assert tracking.get_logged_model(model.model_id).model_id == model.model_id
        assert len(tracking.search_logged_models([experiment])) == 1
        for attempt in (lambda: tracking.finalize_logged_model(model.model_id, "READY"), lambda: tracking.delete_logged_model(model.model_id),
                        lambda: tracking.set_logged_model_tags(model.model_id, {"key": "other"}),
                        lambda: tracking.delete_logged_model_tag(model.model_id, "key"), lambda: tracking.log_model_params(model.model_id, {"p": "1"})):
            with denied():
                attempt()
    with as_user(owner):
        tracking.delete_logged_model_tag(model.model_id, "key")
        tracking.finalize_logged_model(model.model_id, "READY")
        tracking.delete_logged_model(model.model_id)


@pytest.mark.current
def test_searches_hide_logged_models_too(users, tracking, person):
    owner, guest, readable = person(), person(), [0, 3, 4, 5, 8]
    with as_user(owner):
        experiments = [tracking.create_experiment(unique()) for _ in range(10)]
        for i, experiment in enumerate(experiments):
            grant(users, "experiment", experiment, guest, "READ" if i in readable else "NO_PERMISSIONS")
            tracking.create_logged_model(experiment)
    with as_user(guest):
        assert len(tracking.search_logged_models(experiments)) == len(readable)
        first = tracking.search_logged_models(experiments, max_results=2)
        rest = tracking.search_logged_models(experiments, page_token=first.token)
        assert (len(first), len(rest), rest.token or None) == (2, 3, None)
        assert len(tracking.search_runs(experiments)) == 0


def test_permissions_on_models(users, tracking, person):
    owner, guest, name = person(), person(), unique("model")
    with as_user(owner):
        tracking.create_registered_model(name)
        tracking.set_registered_model_tag(name, "k", "v")
    with as_user(guest):
        assert tracking.get_registered_model(name).name == name
        for attempt in (lambda: tracking.update_registered_model(name, "d"), lambda: tracking.set_registered_model_tag(name, "k", "v"),
                        lambda: tracking.delete_registered_model(name), lambda: tracking.create_model_version(name, "runs:/x/m", "x"),
                        lambda: tracking.rename_registered_model(name, unique())):
            with denied():
                attempt()
    with as_user(owner):
        grant(users, "registered_model", name, guest, "EDIT")
    with as_user(guest):
        tracking.update_registered_model(name, "d")
        with denied():
            tracking.delete_registered_model(name)
    with as_user(owner):
        tracking.delete_registered_model(name)


@pytest.mark.current
def test_grants_of_the_current_client(users, tracking, owned, person):
    owner, experiment, run = owned
    guest = person()
    with as_user(owner):
        users.grant_user_permission(guest[0], "experiment", experiment, "EDIT")
    with as_user("operator"):
        assert users.get_user_permission(guest[0], "experiment", experiment).permission == "EDIT"
    with as_user(owner):
        users.revoke_user_permission(guest[0], "experiment", experiment)
    with as_user(guest), denied():
        tracking.log_metric(run, "m", 1)


@pytest.mark.older
def test_grants_of_the_older_client(users, tracking, owned, person):
    owner, experiment, run = owned
    guest = person()
    with as_user(owner):
        made = users.create_experiment_permission(experiment, guest[0], "EDIT")
        assert (made.experiment_id, made.permission) == (experiment, "EDIT")
        users.update_experiment_permission(experiment, guest[0], "MANAGE")
        assert users.get_experiment_permission(experiment, guest[0]).permission == "MANAGE"
        users.delete_experiment_permission(experiment, guest[0])
        with pytest.raises(MlflowException, match=f"Experiment permission with experiment_id={experiment} and username={guest[0]} not found"):
            users.get_experiment_permission(experiment, guest[0])
    with as_user(guest):
        with denied():
            users.create_experiment_permission(experiment, guest[0], "MANAGE")
        with denied():
            tracking.log_metric(run, "m", 1)


@pytest.mark.older
def test_grants_on_models_of_the_older_client(users, tracking, person):
    owner, guest, name = person(), person(), unique("model")
    with as_user(owner):
        tracking.create_registered_model(name)
        assert users.get_registered_model_permission(name, owner[0]).permission == "MANAGE"
        made = users.create_registered_model_permission(name, guest[0], "READ")
        assert (made.name, made.permission) == (name, "READ")
        users.update_registered_model_permission(name, guest[0], "EDIT")
        assert users.get_registered_model_permission(name, guest[0]).permission == "EDIT"
        users.delete_registered_model_permission(name, guest[0])
        with pytest.raises(MlflowException, match=f"Registered model permission with name={name} and username={guest[0]} not found"):
            users.get_registered_model_permission(name, guest[0])
        tracking.delete_registered_model(name)
    with as_user("operator"), pytest.raises(MlflowException, match=f"Registered model permission with name={name} and username={owner[0]} not found"):
        users.get_registered_model_permission(name, owner[0])


def test_a_permission_is_one_of_five(person, owned):
    guest, (owner, experiment, _) = person(), owned
    message = {"username": guest[0], "experiment_id": experiment, "permission": "SOME"}

    path, message = (("/api/3.0/mlflow/users/permissions/grant", {"username": guest[0], "resource_type": "experiment", "resource_id": experiment, "permission": "SOME"})
                     if CURRENT else ("/api/2.0/mlflow/experiments/permissions/create", message))
    refused(raw_as(owner).send("POST", path, "", json=message))
