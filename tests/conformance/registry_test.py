"""Registered models and their versions: create to delete, tags, aliases, stages, searches."""
import threading
import time

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from support import accepted, differs, missing, refused, unique


# ---- registered models -----------------------------------------------------------------------------

def test_a_registered_model_comes_back_whole(client):
    name, before = unique("Modell ä "), int(time.time() * 1000) - 1

    made = client.create_registered_model(name, tags={"k": "v", "empty": ""}, description="what it does")

    for found in (made, client.get_registered_model(name)):
        assert (found.name, found.description, found.tags) == (name, "what it does", {"k": "v", "empty": ""})
        assert found.latest_versions == [] and found.aliases == {}
        assert before <= found.creation_timestamp <= int(time.time() * 1000) + 1
        assert found.last_updated_timestamp >= found.creation_timestamp


def test_a_name_is_taken_once(client, raw, model):
    refused(raw.post("registered-models/create", {"name": model}), "already exists", code="RESOURCE_ALREADY_EXISTS")
    with pytest.raises(MlflowException, match="already exists"):
        client.create_registered_model(model)


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "/a", "..", "."])
def test_a_bad_name_is_refused(raw, name):
    refused(raw.post("registered-models/create", {"name": name}))


def test_a_blank_name_is_refused(raw):
    refused(raw.post("registered-models/create", {"name": "  "}))


def test_an_encoded_name_is_another_name(client):
    plain = unique("abc")
    coded = plain.replace("b", "%62", 1)
    client.create_registered_model(plain)
    client.create_registered_model(coded)

    client.update_registered_model(coded, "the coded one")
    assert client.get_registered_model(plain).description in (None, "")
    assert client.get_registered_model(coded).name == coded
    client.delete_registered_model(coded)
    assert client.get_registered_model(plain).name == plain


def test_description_and_update_time(client, model):
    before = client.get_registered_model(model).last_updated_timestamp
    client.update_registered_model(model, "new words")

    found = client.get_registered_model(model)
    assert found.description == "new words" and found.last_updated_timestamp >= before


def test_renaming_takes_everything_along(client, raw, version):
    old, new = version.name, unique("renamed")
    client.set_registered_model_tag(old, "k", "v")
    client.set_model_version_tag(old, "1", "vk", "vv")
    client.set_registered_model_alias(old, "champion", "1")

    assert accepted(raw.post("registered-models/rename", {"name": old, "new_name": new}))["registered_model"]["name"] == new
    missing(raw.get("registered-models/get", name=old), f"Registered Model with name={old} not found")
    assert client.get_registered_model(new).tags == {"k": "v"}
    assert client.get_model_version(new, "1").tags == {"vk": "vv"}
    assert client.get_model_version_by_alias(new, "champion").version in ("1", 1)
    other = unique("other")
    client.create_registered_model(other)
    refused(raw.post("registered-models/rename", {"name": new, "new_name": other}), code="RESOURCE_ALREADY_EXISTS")
    refused(raw.post("registered-models/rename", {"name": new, "new_name": "a/b"}))
    missing(raw.post("registered-models/rename", {"name": unique("no"), "new_name": unique()}))


def test_deleting_a_model(client, raw, version):
    client.delete_registered_model(version.name)

    missing(raw.get("registered-models/get", name=version.name), "not found")
    missing(raw.get("model-versions/get", name=version.name, version="1"))
    missing(raw.delete("registered-models/delete", {"name": version.name}))
    client.create_registered_model(version.name)
    assert client.search_model_versions(f"name = '{version.name}'") == []


@pytest.mark.parametrize("method, path, message", [
    ("PATCH", "registered-models/update", {"description": "d"}), ("DELETE", "registered-models/delete", {}),
    ("POST", "registered-models/set-tag", {"key": "k", "value": "v"}), ("DELETE", "registered-models/delete-tag", {"key": "k"}),
    ("POST", "registered-models/alias", {"alias": "a", "version": "1"}), ("POST", "registered-models/get-latest-versions", {}),
    ("PATCH", "model-versions/update", {"version": "1", "description": "d"}),
    ("POST", "model-versions/transition-stage", {"version": "1", "stage": "Staging", "archive_existing_versions": False}),
    ("DELETE", "model-versions/delete", {"version": "1"}), ("POST", "model-versions/set-tag", {"version": "1", "key": "k", "value": "v"}),
    ("DELETE", "model-versions/delete-tag", {"version": "1", "key": "k"}),
])
def test_an_unknown_model_is_missing(raw, method, path, message):
    missing(raw.send(method, path, json={"name": unique("never"), **message}), "not found")


def test_a_version_of_an_unknown_model_is_missing(client, raw, run):
    missing(raw.post("model-versions/create", {"name": unique("never"), "run_id": run, "source": client.get_run(run).info.artifact_uri + "/m"}), "not found")


def test_model_tags(client, raw, model):
    client.set_registered_model_tag(model, "k", "one")
    client.set_registered_model_tag(model, "k", "two")
    client.set_registered_model_tag(model, "long", "x" * 5000)
    assert client.get_registered_model(model).tags == {"k": "two", "long": "x" * 5000}
    client.delete_registered_model_tag(model, "k")
    client.delete_registered_model_tag(model, "k")
    assert set(client.get_registered_model(model).tags) == {"long"}
    accepted(raw.post("registered-models/set-tag", {"name": model, "key": "k" * 250, "value": "v" * 100000}))
    refused(raw.post("registered-models/set-tag", {"name": model, "key": "k" * 251, "value": "v"}), "250")
    refused(raw.post("registered-models/set-tag", {"name": model, "key": "k", "value": "v" * 100001}), "100000")


# ---- versions ----------------------------------------------------------------------------------------

def test_a_version_comes_back_whole(client, model, run):
    source = client.get_run(run).info.artifact_uri + "/model"

    made = client.create_model_version(model, source, run, tags={"k": "v"}, run_link="http://host/run", description="first")

    for found in (made, client.get_model_version(model, "1")):
        assert (found.name, str(found.version), found.source, found.run_id) == (model, "1", source, run)
        assert (found.status, found.current_stage, found.description, found.run_link) == ("READY", "None", "first", "http://host/run")
        assert found.tags == {"k": "v"} and list(found.aliases) == []
    assert client.get_model_version_download_uri(model, "1") == source


def test_versions_count_up_and_never_go_back(client, raw, version, run):
    name, source = version.name, version.source
    assert str(client.create_model_version(name, source, run).version) == "2"
    assert str(client.create_model_version(name, source, run).version) == "3"
    client.delete_model_version(name, "2")
    missing(raw.get("model-versions/get", name=name, version="2"), "Model Version")
    assert str(client.create_model_version(name, source, run).version) == "4"
    client.delete_model_version(name, "4")
    assert str(client.create_model_version(name, source, run).version) == "5"
    missing(raw.delete("model-versions/delete", {"name": name, "version": "4"}))


def test_threads_get_a_version_each(client, model, run):
    source, made, failures = client.get_run(run).info.artifact_uri + "/model", [], []

    def work():
        try:
            made.append(int(client.create_model_version(model, source, run).version))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and sorted(made) == [1, 2, 3, 4, 5, 6]


def test_a_versions_description_and_tags(client, raw, version):
    client.update_model_version(version.name, "1", "better words")
    client.set_model_version_tag(version.name, "1", "k", "one")
    client.set_model_version_tag(version.name, "1", "k", "two")
    found = client.get_model_version(version.name, "1")
    assert (found.description, found.tags) == ("better words", {"k": "two"})
    client.delete_model_version_tag(version.name, "1", "k")
    client.delete_model_version_tag(version.name, "1", "k")
    assert client.get_model_version(version.name, "1").tags == {}
    refused(raw.post("model-versions/set-tag", {"name": version.name, "version": "1", "key": "k" * 251, "value": "v"}), "250")
    refused(raw.post("model-versions/set-tag", {"name": version.name, "version": "1", "key": "k", "value": "v" * 100001}))


@pytest.mark.parametrize("number", ["abc", "1.5", "0x1"])
def test_a_version_is_a_whole_number(raw, version, number):
    refused(raw.get("model-versions/get", name=version.name, version=number))


@pytest.mark.parametrize("path", ["model-versions/get", "model-versions/get-download-uri"])
def test_an_unknown_version_is_missing(raw, model, path):
    missing(raw.get(path, name=model, version="99"), "not found")


@pytest.mark.parametrize("source", [
    "file:///etc", "/etc/passwd", "./x", "file:/etc", "file://localhost/etc", "//etc/passwd", "mlflow-artifacts:/../x", "mlflow-artifacts:///%2e%2e/x",
    "http://h/a/../../b", "mlflow-artifacts://host/a/..%2f..%2fb", "s3://b/../c",
])
def test_a_treacherous_source_is_refused(raw, model, source):
    refused(raw.post("model-versions/create", {"name": model, "source": source}), "source")


def test_latest_versions(client, raw, version, run):
    name = version.name
    for _ in range(3):
        client.create_model_version(name, version.source, run)
    client.transition_model_version_stage(name, "2", "Staging")
    client.transition_model_version_stage(name, "3", "Archived")

    latest = {v.current_stage: str(v.version) for v in client.get_latest_versions(name)}
    assert latest == {"None": "4", "Staging": "2", "Archived": "3"}
    assert {v.current_stage: str(v.version) for v in client.get_registered_model(name).latest_versions} == latest
    assert [str(v.version) for v in client.get_latest_versions(name, ["Archived"])] == ["3"]
    assert [str(v.version) for v in client.get_latest_versions(name, ["archived"])] == ["3"]
    assert client.get_latest_versions(name, ["Production"]) == []
    by_get = accepted(raw.send("GET", "registered-models/get-latest-versions", params={"name": name, "stages": ["Staging"]}))
    assert [v["version"] for v in by_get["model_versions"]] == ["2"]
    refused(raw.post("registered-models/get-latest-versions", {"name": name, "stages": ["Nowhere"]}))


def test_stages(client, raw, version, run):
    name = version.name
    client.create_model_version(name, version.source, run)

    assert client.transition_model_version_stage(name, "1", "staging").current_stage == "Staging"
    assert client.transition_model_version_stage(name, "2", "STAGING", archive_existing_versions=True).current_stage == "Staging"
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert client.transition_model_version_stage(name, "1", "None").current_stage == "None"
    refused(raw.post("model-versions/transition-stage", {"name": name, "version": "1", "stage": "Nowhere", "archive_existing_versions": False}), "stage")
    missing(raw.post("model-versions/transition-stage", {"name": name, "version": "9", "stage": "Staging", "archive_existing_versions": False}))


@pytest.mark.airwatch
@pytest.mark.parametrize("path, message", [
    ("registered-models/alias", {"version": "1", "alias": "production"}),
    ("model-versions/set-tag", {"version": "1", "key": "airwatch.stage", "value": "production"}),
])
def test_what_cannot_be_served_does_not_go_into_production(client, raw, version, path, message):
    refused(raw.post(path, {"name": version.name, **message}), "cannot be served", code="INVALID_STATE")
    assert client.get_model_version(version.name, "1").current_stage == "None"


def test_archiving_makes_sense_for_active_stages_alone(raw, version):
    reply = raw.post("model-versions/transition-stage", {"name": version.name, "version": "1", "stage": "Archived", "archive_existing_versions": True})

    assert reply.status in differs((400,), (400, 500)), reply


# ---- aliases -----------------------------------------------------------------------------------------

def test_aliases(client, raw, version, run):
    name = version.name
    client.create_model_version(name, version.source, run)
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "Other_one-2", "1")

    assert str(client.get_model_version_by_alias(name, "champion").version) == "1"
    assert sorted(client.get_model_version(name, "1").aliases) == ["Other_one-2", "champion"]
    assert {k: str(v) for k, v in client.get_registered_model(name).aliases.items()} == {"champion": "1", "Other_one-2": "1"}
    client.set_registered_model_alias(name, "champion", "2")
    assert str(client.get_model_version_by_alias(name, "champion").version) == "2"
    client.delete_registered_model_alias(name, "champion")
    client.delete_registered_model_alias(name, "champion")
    refused(raw.get("registered-models/alias", name=name, alias="champion"), "champion")
    client.delete_model_version(name, "1")
    assert client.get_registered_model(name).aliases == {}


def test_latest_is_an_alias_of_the_newest_version(client, raw, version, run):
    client.create_model_version(version.name, version.source, run)

    assert accepted(raw.get("registered-models/alias", name=version.name, alias="latest"))["model_version"]["version"] == "2"


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V12", "a b", "a/b", "a.b", "", "a" * 256, *differs(["ä"], [])])
def test_a_bad_alias_is_refused(raw, version, alias):
    refused(raw.post("registered-models/alias", {"name": version.name, "alias": alias, "version": "1"}))


def test_an_alias_names_a_version_that_exists(raw, version):
    missing(raw.post("registered-models/alias", {"name": version.name, "alias": "a", "version": "9"}))


# ---- searches ----------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def shelf():
    """Five models under one mark, with versions; what each clause finds among them is known."""
    client = mlflow.MlflowClient()
    mark = unique("shelf")
    names = [f"{mark}-{word}" for word in ("a", "b", "C", "d_e", "dxe")]
    for i, name in enumerate(names):
        client.create_registered_model(name, tags={"mark": mark, "n": str(i)})
    experiment = client.create_experiment(unique())
    runs = [client.create_run(experiment) for _ in range(2)]
    for i, run in enumerate(runs):
        for j in range(2):
            client.create_model_version(names[i], run.info.artifact_uri + f"/m{j}", run.info.run_id, tags={"mark": mark, "j": str(j)})
    return client, mark, names, [run.info.run_id for run in runs]


@pytest.mark.parametrize("clause, picked", [
    ("name = '{0}-a'", "0"), ("name != '{0}-a'", "1234"), ("name LIKE '{0}-%'", "01234"), ("name ILIKE '{0}-c'", "2"), ("name LIKE '{0}-c'", ""),
    ("name LIKE '{0}-d_e'", "34"), ("tags.n = '3'", "3"), ("tag.n != '3'", "0124"), ("tags.`n` LIKE '%'", "01234"), ("tags.\"n\" ILIKE '2'", "2"),
    ("name = '{0}-a' AND tags.n = '0'", "0"), ("name = '{0}-a' and tags.n = '1'", ""), ("tags.never = 'x'", ""),
])
def test_searching_models(shelf, clause, picked):
    client, mark, names, _ = shelf

    found = client.search_registered_models(clause.format(mark) + f" AND tags.mark = '{mark}'")
    assert sorted(m.name for m in found) == sorted(names[int(i)] for i in picked)


def test_searching_models_in_order_page_by_page(shelf):
    client, mark, names, _ = shelf
    ours = f"tags.mark = '{mark}'"

    def search(**options):
        return [m.name for m in client.search_registered_models(ours, **options)]

    assert sorted(search()) == sorted(names)
    assert search(order_by=["name DESC"]) == list(reversed(search(order_by=["name ASC"])))
    assert set(search(order_by=["timestamp DESC", "name"])) == set(search(order_by=["last_updated_timestamp"])) == set(names)
    seen, token = [], None
    for expected in (2, 2, 1):
        page = client.search_registered_models(ours, max_results=2, page_token=token)
        assert len(page) == expected
        seen, token = seen + [m.name for m in page], page.token
    assert not token and seen == search()


def test_a_found_model_has_its_latest_versions_and_aliases(shelf):
    client, mark, names, _ = shelf
    client.set_registered_model_alias(names[0], "picked", "1")

    found = client.search_registered_models(f"name = '{names[0]}'")[0]
    assert [str(v.version) for v in found.latest_versions] == ["2"]
    assert {k: str(v) for k, v in found.aliases.items()} == {"picked": "1"}


@pytest.mark.parametrize("query", [
    {"filter": "colour = 'x'"}, {"filter": "name > 'x'"}, {"filter": "name = x"}, {"filter": "name = 'a' OR name = 'b'"}, {"filter": "version_number = 1"},
    {"max_results": "1001"}, *differs([{"max_results": "0"}, {"max_results": "-1"}], []), {"order_by": "colour"}, {"order_by": "name SIDEWAYS"}, {"page_token": "garbage"},
])
def test_a_model_search_that_makes_no_sense_is_refused(raw, query):
    refused(raw.get("registered-models/search", **query))


@pytest.mark.parametrize("clause, picked", [
    ("name = '{0}-a'", ["0/1", "0/2"]), ("name LIKE '{0}%' AND version_number = 2", ["0/2", "1/2"]), ("name ILIKE '{1}%' AND version_number > 1", ["0/2", "1/2"]),
    ("run_id = '{2}'", ["0/1", "0/2"]), ("run_id IN ('{2}', '{3}')", ["0/1", "0/2", "1/1", "1/2"]), ("name = '{0}-b' AND tags.j = '0'", ["1/1"]),
    ("name LIKE '{0}%' AND source_path LIKE '%/m1'", ["0/2", "1/2"]), ("name = '{0}-a' AND version_number != 1", ["0/2"]), ("name = 'none'", []),
    ("tags.mark = '{0}' AND tags.j != '0'", ["0/2", "1/2"]),
])
def test_searching_versions(shelf, clause, picked):
    client, mark, names, runs = shelf

    found = client.search_model_versions(clause.format(mark, mark.upper(), *runs))
    assert sorted(f"{names.index(v.name)}/{v.version}" for v in found) == picked


def test_searching_versions_in_order_page_by_page(shelf):
    client, mark, names, _ = shelf
    ours = f"tags.mark = '{mark}'"

    def search(**options):
        return [f"{names.index(v.name)}/{v.version}" for v in client.search_model_versions(ours, **options)]

    assert search(order_by=["name ASC", "version_number ASC"]) == ["0/1", "0/2", "1/1", "1/2"]
    assert search(order_by=["version_number DESC", "name DESC"]) == ["1/2", "0/2", "1/1", "0/1"]
    assert sorted(search(order_by=["creation_timestamp"])) == sorted(search()) == ["0/1", "0/2", "1/1", "1/2"]
    seen, token = [], None
    for expected in (3, 1):
        page = client.search_model_versions(ours, max_results=3, order_by=["name", "version_number"], page_token=token)
        assert len(page) == expected
        seen, token = seen + [f"{names.index(v.name)}/{v.version}" for v in page], page.token
    assert not token and seen == ["0/1", "0/2", "1/1", "1/2"]


@pytest.mark.parametrize("query", [
    {"filter": "colour = 'x'"}, {"filter": "version_number = 'x'"}, {"filter": "run_id IN ()"}, {"filter": "name = 'a' OR name = 'b'"},
    {"max_results": "0"}, {"max_results": "200001"}, {"order_by": "colour"}, {"page_token": "garbage"},
])
def test_a_version_search_that_makes_no_sense_is_refused(raw, query):
    refused(raw.get("model-versions/search", **query))


def test_a_model_without_the_prompt_tag_is_no_prompt(raw, model):
    for clause in ("tag.`mlflow.prompt.is_prompt` != 'true'", "tag.`mlflow.prompt.is_prompt` = 'false'"):
        found = accepted(raw.get("registered-models/search", filter=f"name = '{model}' AND {clause}"))
        assert [m["name"] for m in found["registered_models"]] == [model]
    assert accepted(raw.get("registered-models/search", filter=f"name = '{model}' AND tag.`mlflow.prompt.is_prompt` = 'true'")) == {}
