"""Experiments: create, find, search, rename, delete, restore, tags."""
import threading
import time

import mlflow
import pytest
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException, RestException
from support import accepted, differs, missing, refused, unique


def test_the_default_experiment_is_zero(client):
    default = client.get_experiment("0")

    assert (default.name, default.lifecycle_stage) == ("Default", "active")
    assert default.artifact_location == "mlflow-artifacts:/0"


def test_a_created_experiment_comes_back_whole(client):
    name, before = unique("Ünïcode / name: "), int(time.time() * 1000) - 1

    created = client.create_experiment(name, tags={"key1": "val1", "ключ": "значение"})

    found = client.get_experiment(created)
    assert (found.name, found.experiment_id, found.lifecycle_stage) == (name, created, "active")
    assert found.tags == {"key1": "val1", "ключ": "значение"}
    assert found.artifact_location == f"mlflow-artifacts:/{created}"
    assert before <= found.creation_time <= int(time.time() * 1000) + 1
    assert found.last_update_time >= found.creation_time
    assert client.get_experiment_by_name(name).experiment_id == created


def test_an_artifact_location_may_be_chosen(client):
    made = client.create_experiment(unique(), artifact_location="mlflow-artifacts:/elsewhere/here")

    assert client.get_experiment(made).artifact_location == "mlflow-artifacts:/elsewhere/here"
    run = client.create_run(made)
    assert run.info.artifact_uri == f"mlflow-artifacts:/elsewhere/here/{run.info.run_id}/artifacts"


@pytest.mark.parametrize("location", [
    "http:///#/../../etc", "http://h/?x=../..", "runs:/x/y", "mlflow-artifacts:/a#b", "mlflow-artifacts:/" + "x" * 2048,
    *differs(["mlflow-artifacts:/../x", "mlflow-artifacts:///%2e%2e/x", "mlflow-artifacts:/%252e%252e/x", "mlflow-artifacts:/a;/../b"], []),
])
def test_a_treacherous_artifact_location_is_refused(raw, location):
    refused(raw.post("experiments/create", {"name": unique(), "artifact_location": location}))


def test_a_name_is_taken_once(client, raw):
    name = unique()
    client.create_experiment(name)

    refused(raw.post("experiments/create", {"name": name}), "already exists", code="RESOURCE_ALREADY_EXISTS")
    with pytest.raises(RestException, match="already exists") as caught:
        client.create_experiment(name)
    assert caught.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_names_have_a_limit_in_characters(client, raw):
    name = unique() + "ä" * 500

    client.create_experiment(name[:500])

    assert client.get_experiment_by_name(name[:500]).name == name[:500]
    refused(raw.post("experiments/create", {"name": name[:501]}), "500")


def test_an_unknown_experiment_is_missing(client, raw):
    missing(raw.get("experiments/get", experiment_id="999999999"), "999999999")
    missing(raw.get("experiments/get-by-name", experiment_name="no such"), "no such")
    assert client.get_experiment_by_name(unique("never made")) is None


@pytest.mark.parametrize("experiment_id", ["abc", "1.5", "-", "0x10"])
def test_an_experiment_id_is_a_whole_number(raw, experiment_id):
    refused(raw.get("experiments/get", experiment_id=experiment_id))


@pytest.mark.airwatch
def test_an_experiment_id_beyond_all_numbers_is_no_server_error(raw):
    assert raw.get("experiments/get", experiment_id="9" * 40).status in (400, 404)


def test_deleting_hides_and_restoring_shows(client, raw, experiment):
    run = client.create_run(experiment).info.run_id
    client.delete_experiment(experiment)

    assert client.get_experiment(experiment).lifecycle_stage == "deleted"
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    missing(raw.post("experiments/delete", {"experiment_id": experiment}))
    refused(raw.post("runs/create", {"experiment_id": experiment}), "active")

    client.restore_experiment(experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "active"
    assert client.get_run(run).info.lifecycle_stage == "active"
    missing(raw.post("experiments/restore", {"experiment_id": experiment}))


def test_a_deleted_experiment_is_found_by_name(client, experiment):
    name = client.get_experiment(experiment).name
    client.delete_experiment(experiment)

    assert client.get_experiment_by_name(name).lifecycle_stage == "deleted"
    with pytest.raises(MlflowException, match="deleted"):
        mlflow.set_experiment(name)


def test_renaming(client, raw, experiment):
    taken, name = client.get_experiment(client.create_experiment(unique())).name, unique("renamed")
    before = client.get_experiment(experiment).last_update_time

    client.rename_experiment(experiment, name)

    assert client.get_experiment(experiment).name == name
    assert client.get_experiment(experiment).last_update_time >= before
    refused(raw.post("experiments/update", {"experiment_id": experiment, "new_name": "n" * 501}))
    reply = raw.post("experiments/update", {"experiment_id": experiment, "new_name": taken})
    assert 400 <= reply.status < 500, reply


def test_a_deleted_experiment_is_not_renamed(client, raw, experiment):
    client.delete_experiment(experiment)

    reply = raw.post("experiments/update", {"experiment_id": experiment, "new_name": unique()})

    assert reply.status == differs(400, 500), reply


def test_tags(client, raw, experiment):
    client.set_experiment_tag(experiment, "k", "one")
    client.set_experiment_tag(experiment, "k", "two")
    client.set_experiment_tag(experiment, "empty", "")
    client.set_experiment_tag(experiment, "long", "x" * 5000)

    assert client.get_experiment(experiment).tags == {"k": "two", "empty": "", "long": "x" * 5000}
    accepted(raw.post("experiments/delete-experiment-tag", {"experiment_id": experiment, "key": "k"}))
    assert "k" not in client.get_experiment(experiment).tags
    missing(raw.post("experiments/delete-experiment-tag", {"experiment_id": experiment, "key": "k"}), "k")


def test_tag_limits(raw, experiment):
    accepted(raw.post("experiments/set-experiment-tag", {"experiment_id": experiment, "key": "k" * 250, "value": "v"}))
    refused(raw.post("experiments/set-experiment-tag", {"experiment_id": experiment, "key": "k" * 251, "value": "v"}), "250")
    refused(raw.post("experiments/set-experiment-tag", {"experiment_id": experiment, "key": "k", "value": "v" * 20001}))
    refused(raw.post("experiments/set-experiment-tag", {"experiment_id": experiment, "key": "a//b", "value": "v"}))
    missing(raw.post("experiments/set-experiment-tag", {"experiment_id": "999999999", "key": "k", "value": "v"}))


def test_a_deleted_experiment_takes_no_tags(client, raw, experiment):
    client.delete_experiment(experiment)

    refused(raw.post("experiments/set-experiment-tag", {"experiment_id": experiment, "key": "k", "value": "v"}), "active")


def test_creating_with_tags_by_the_fluent_interface():
    made = mlflow.create_experiment(unique(), tags={"a": "1"})

    assert mlflow.get_experiment(made).tags == {"a": "1"}
    mlflow.set_experiment(experiment_id=made)
    mlflow.set_experiment_tags({"b": "2", "c": "3"})
    assert mlflow.get_experiment(made).tags == {"a": "1", "b": "2", "c": "3"}
    mlflow.delete_experiment(made)
    assert mlflow.get_experiment(made).lifecycle_stage == "deleted"


@pytest.fixture
def seven(client):
    """Seven experiments that only a search for their common tag sees."""
    mark = unique("mark")
    names = [f"{mark} {word}" for word in ("alpha", "Alpha", "beta", "gamma", "delta 50%", "under_score", "undertscore")]
    ids = [client.create_experiment(name, tags={"mark": mark, "n": str(i)}) for i, name in enumerate(names)]
    return mark, names, ids


def names_of(found):
    return [experiment.name for experiment in found]


def test_searching_by_name(client, seven):
    mark, names, _ = seven

    def search(filter_string):
        return sorted(names_of(client.search_experiments(filter_string=f"{filter_string} AND tags.mark = '{mark}'")))

    assert search(f"name = '{mark} alpha'") == [names[0]]
    assert search(f"attribute.name != '{mark} alpha'") == sorted(names[1:])
    assert search(f"name LIKE '{mark} al%'") == [names[0]]
    assert search(f"name ILIKE '{mark} AL%'") == sorted(names[:2])
    assert search("name LIKE '%under_score'") == sorted(names[5:])
    assert search(f"name LIKE '{mark} %50%'") == [names[4]]


def test_searching_by_tag_and_time(client, seven):
    mark, names, ids = seven

    def search(filter_string):
        return sorted(names_of(client.search_experiments(filter_string=filter_string)))

    assert search(f"tags.mark = '{mark}' and tag.n = '3'") == [names[3]]
    assert search(f"tags.`mark` = '{mark}' AND tags.\"n\" != '3'") == sorted(names[:3] + names[4:])
    assert search(f"tags.mark ILIKE '{mark.upper()}' AND tags.n LIKE '%4%'") == [names[4]]
    middle = client.get_experiment(ids[3]).creation_time
    assert names[3] in search(f"tags.mark = '{mark}' AND creation_time >= {middle}")
    assert names[0] in search(f"tags.mark = '{mark}' AND creation_time <= {middle}")
    assert search(f"tags.mark = '{mark}' AND last_update_time < 5") == []


def test_searching_in_an_order_page_by_page(client, seven):
    mark, names, ids = seven
    ours = f"tags.mark = '{mark}'"

    def search(**options):
        return names_of(client.search_experiments(filter_string=ours, **options))

    assert search(order_by=["name DESC"]) == sorted(names, reverse=True)
    assert search(order_by=["name"]) == sorted(names)
    assert set(search(order_by=["experiment_id ASC"])) == set(names)
    assert search(order_by=["creation_time ASC", "name ASC"])[0] == names[0]
    assert search()[-1] in names[:2] and set(search()) == set(names)
    token, seen = None, []
    for expected in (3, 3, 1):
        page = client.search_experiments(filter_string=ours, order_by=["creation_time ASC"], max_results=3, page_token=token)
        assert len(page) == expected
        seen, token = seen + names_of(page), page.token
    assert not token
    assert sorted(seen) == sorted(names)


def test_searching_by_view(client, seven):
    mark, names, ids = seven
    client.delete_experiment(ids[0])

    def search(view):
        return set(names_of(client.search_experiments(view_type=view, filter_string=f"tags.mark = '{mark}'")))

    assert search(ViewType.ACTIVE_ONLY) == set(names[1:])
    assert search(ViewType.DELETED_ONLY) == {names[0]}
    assert search(ViewType.ALL) == set(names)


@pytest.mark.parametrize("message", [
    {}, {"max_results": 0}, {"max_results": -1}, {"max_results": 50001}, {"max_results": 5, "page_token": "garbage"},
    {"max_results": 5, "filter": "name"}, {"max_results": 5, "filter": "name = alpha"}, {"max_results": 5, "filter": "name = 'a' OR name = 'b'"},
    {"max_results": 5, "filter": "colour = 'a'"}, {"max_results": 5, "filter": "name > 'a'"}, {"max_results": 5, "filter": "metrics.x > 1"},
    {"max_results": 5, "filter": "name = 'a'; name = 'b'"}, {"max_results": 5, "filter": "creation_time = 'x'"},
    {"max_results": 5, "order_by": ["colour"]}, {"max_results": 5, "order_by": ["name SIDEWAYS"]},
])
def test_a_search_that_makes_no_sense_is_refused(raw, message):
    refused(raw.post("experiments/search", message))


def test_searching_by_get(raw, seven):
    mark, names, _ = seven

    found = accepted(raw.get("experiments/search", max_results="2", filter=f"tags.mark = '{mark}'", order_by=["name ASC"], view_type="ACTIVE_ONLY"))

    assert len(found["experiments"]) == 2 and found["next_page_token"]


@pytest.mark.current
def test_many_threads_set_the_same_experiment():
    name, ids, failures = unique("race"), [], []

    def work():
        try:
            ids.append(mlflow.set_experiment(name).experiment_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(ids) == 8 and len(set(ids)) == 1
