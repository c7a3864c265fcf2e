"""Searching runs: the whole filter grammar, orders, views and pages."""
import math

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunTag, ViewType
from support import accepted, differs, refused, unique


@pytest.fixture(scope="module")
def field():
    """Six runs in an experiment: what each clause finds among them is known."""
    client = mlflow.MlflowClient()
    experiment = client.create_experiment(unique("searched"))
    rows = [
        # name, metric acc, parameter lr, tag team, start
        ("one", 0.5, "0.1", "red", 100),
        ("two", 0.7, "0.01", "blue", 200),
        ("Three", 0.9, "0.1", "Red", 300),
        ("four", math.nan, "0.1%", None, 400),
        ("five", None, None, "green", 500),
        ("six_6", -1.0, "0_1", "it's", 600),
    ]
    ids = {}
    for name, metric, param, team, start in rows:
        run = client.create_run(experiment, start_time=start, run_name=name, tags={"mlflow.user": "ana" if start < 300 else "bea"})
        ids[run.info.run_id] = name
        metrics = [] if metric is None else [Metric("acc", metric, start, 0), Metric("val loss/mean", start / 100, start, 0)]
        params = [] if param is None else [Param("lr", param), Param("lr rate", param)]
        client.log_batch(run.info.run_id, metrics, params, [] if team is None else [RunTag("team", team), RunTag("mlflow.note.content", team)])
        if start % 200 == 0:
            client.set_terminated(run.info.run_id, "FINISHED" if start < 500 else "FAILED", end_time=start + 50)
    return client, experiment, ids


def found(field, filter_string="", **options):
    client, experiment, ids = field
    return [ids[run.info.run_id] for run in client.search_runs([experiment], filter_string, **options)]


@pytest.mark.parametrize("clause, names", [
    ("", "one two Three four five six_6"),
    ("metrics.acc > 0.5", "two Three"), ("metrics.acc >= 0.5", "one two Three"), ("metric.acc < 0.7", "one six_6"),
    ("metrics.acc <= 0.7", "one two six_6"), ("metrics.acc = 0.9", "Three"), ("metrics.acc = -1", "six_6"), ("metrics.acc > -1.5e0", "one two Three six_6"),
    ("metrics.`val loss/mean` = 2", "two"), ('metrics."val loss/mean" > 5', "six_6"),
    ("metrics.acc > 0.5 AND metrics.acc < 0.8", "two"), ("metrics.acc > 0.5 and params.lr = '0.1'", "Three"),
    ("params.lr = '0.1'", "one Three"), ('params.lr = "0.1"', "one Three"), ("param.lr != '0.1'", "two four six_6"),
    ("parameters.lr LIKE '0.1%'", "one Three four"), ("params.lr LIKE '0.0_'", "two"), ("params.`lr rate` = '0.01'", "two"), ('params."lr rate" ILIKE \'0.1\'', "one Three"),
    ("tags.team = 'red'", "one"), ("tag.team != 'red'", "two Three five six_6"), ("tags.team ILIKE 'RED'", "one Three"), ("tags.team LIKE '%e%'", "one two Three five"),
    ('tags.team = "it\'s"', "six_6"), ("tags.`mlflow.user` = 'ana'", "one two"), ('tags."mlflow.user" = \'bea\'', "Three four five six_6"), ("tags.mlflow.user = 'ana'", "one two"),
    ("attributes.status = 'FINISHED'", "two four"), ("status != 'RUNNING'", "two four six_6"), ("attribute.status = 'KILLED'", ""),
    ("run_name = 'one'", "one"), ("attributes.run_name LIKE 'T%'", "Three"), ("attributes.run_name ILIKE 't%'", "two Three"), 
    ("attributes.`run name` = 'two'", "two"), ("run.run_name != 'one'", "two Three four five six_6"),
    ("start_time > 300", "four five six_6"), ("attributes.start_time <= 200", "one two"), ("attributes.Created = 300", "Three"), ("end_time = 250", "two"), ("end_time > 0", "two four six_6"),
    ("params.lr IS NULL", "five"), ("params.lr IS NOT NULL", "one two Three four six_6"), ("tags.team is null", "four"), ("tags.team IS NOT NULL AND metrics.acc > 0", "one two Three"),
    ("artifact_uri LIKE '%artifacts'", "one two Three four five six_6"), ("artifact_uri ILIKE '%ARTIFACTS'", "one two Three four five six_6"),
    ("metrics.never > 0", ""), ("params.never != 'x'", ""), ("tags.never = 'x'", ""), ("metrics.never != 1", ""),
])
def test_a_clause_finds(field, clause, names):
    assert sorted(found(field, clause)) == sorted(names.split())


@pytest.mark.airwatch
def test_not_a_number_is_not_zero(field):
    assert found(field, "metrics.acc = 0") == []


def test_unequal_metrics(field):
    assert {"one", "two", "six_6"} <= set(found(field, "metrics.acc != 0.9")) and "five" not in found(field, "metrics.acc != 0.9")


def test_runs_by_their_ids(field):
    client, experiment, ids = field
    one, two = [run for run, name in ids.items() if name in ("one", "two")]

    assert found(field, f"run_id = '{one}'") == [ids[one]]
    assert set(found(field, f"attributes.run_id IN ('{one}', '{two}')")) == {"one", "two"}
    assert set(found(field, f"run_id NOT IN ('{one}','{two}')")) == {"Three", "four", "five", "six_6"}
    assert len(found(field, f"run_id != '{one}'")) == 5
    assert found(field, f"run_id LIKE '{one[:20]}%'") == [ids[one]]


@pytest.mark.parametrize("clause", [
    "metrics.acc", "metrics.acc >", "> 5", "metrics.acc > 'high'", "metrics.acc = '0.5'", "metrics.acc LIKE '0%'", "params.lr > '0.1'", "params.lr = 0.1",
    "params.lr = lr", "tags.team = red", "tags.team > 'a'", "metrics.acc > 1 OR metrics.acc < 0", "(metrics.acc > 1)", "metrics.acc > 1; metrics.acc < 2",
    "colour.acc > 1", "params.lr = '0.1", "tags.`team = 'x'", "attributes.nonsense = 'x'", "status > 'RUNNING'",
    "start_time = 'early'", "start_time LIKE '1%'", "run_id IN ()", "run_id IN (1, 2)", "run_id IN 'a'", "tags.team IN ('a')", "metrics.acc IN (1)", "metrics.acc IS NULL",
    "params.lr IS", "params.lr NOT NULL", "metrics.acc >> 1", "metrics.acc == 1",
    "SELECT 1", "params.lr = '0.1' --", "'a' = 'a'", "1 = 1", "tags.team = 'a' 'b'", "metrics.acc > 1 2", "dataset.nonsense = 'x'", "dataset.name > 'x'",
])
def test_a_clause_that_makes_no_sense_is_refused(field, raw, clause):
    refused(raw.post("runs/search", {"experiment_ids": [field[1]], "filter": clause}))


def test_a_filter_is_kept_inert(field):
    assert found(field, "tags.team = \"x' OR 1=1 --\"") == []
    assert found(field, "params.lr = '\"; DROP TABLE runs; --'") == []


@pytest.mark.parametrize("order_by, names", [
    ([], "six_6 five four Three two one"),
    (["start_time ASC"], "one two Three four five six_6"), (["attributes.start_time"], "one two Three four five six_6"), (["attribute.start_time DESC"], "six_6 five four Three two one"),
    (["metrics.acc"], "six_6 one two Three four five"), (["metrics.acc DESC"], "Three two one six_6 four five"),
    (["metrics.`val loss/mean` ASC"], "one two Three four six_6 five"), (["params.lr ASC", "start_time DESC"], None),
    (["params.lr DESC", "metrics.acc ASC"], None), (["tags.team ASC"], None), (["attributes.status", "start_time ASC"], None),
    (["attributes.run_name"], None), (["end_time DESC"], "six_6 four two five Three one"), (["attributes.Created"], "one two Three four five six_6"),
    (["run_name DESC"], None), (["artifact_uri"], None), (["run_id"], None), (["user_id"], None), (["metrics.never DESC"], "six_6 five four Three two one"),
])
def test_an_order(field, order_by, names):
    got = found(field, order_by=order_by)

    assert sorted(got) == sorted("one two Three four five six_6".split())
    if names is not None:
        assert got == names.split()


def test_text_is_ordered_with_what_is_missing_last(field):
    assert found(field, order_by=["params.lr ASC", "start_time ASC"])[-1] == "five"
    assert found(field, order_by=["params.lr DESC", "start_time ASC"])[-1] == "five"
    assert found(field, order_by=["tags.team"])[-1] == "four"
    together = found(field, order_by=["params.lr ASC", "start_time DESC"])
    assert together.index("Three") + 1 == together.index("one")


@pytest.mark.parametrize("order_by", [["nonsense"], ["metrics.acc SIDEWAYS"], ["colour.acc"], ["metrics.acc ASC DESC"], ["attributes.nonsense"], ["dataset.name"]])
def test_an_order_that_makes_no_sense_is_refused(field, raw, order_by):
    refused(raw.post("runs/search", {"experiment_ids": [field[1]], "order_by": order_by}))


def test_the_same_order_twice_is_the_callers_fault(field, raw):
    reply = raw.post("runs/search", {"experiment_ids": [field[1]], "order_by": ["metrics.acc", "metrics.acc DESC"]})

    assert reply.status in differs((200, 400), (200, 400, 500)), reply


def test_page_by_page(field):
    client, experiment, ids = field
    seen, token = [], None
    for expected in (4, 2):
        page = client.search_runs([experiment], order_by=["metrics.acc DESC"], max_results=4, page_token=token)
        assert len(page) == expected
        seen, token = seen + [ids[run.info.run_id] for run in page], page.token
    assert not token
    assert seen == "Three two one six_6 four five".split()
    exact = client.search_runs([experiment], max_results=6)
    assert len(exact) == 6 and not exact.token


def test_ties_are_settled_by_time_then_id(client, experiment):
    runs = sorted(client.create_run(experiment, start_time=1).info.run_id for _ in range(6))

    assert [run.info.run_id for run in client.search_runs([experiment])] == runs


@pytest.mark.parametrize("message", [{"max_results": 50001}, {"max_results": -1}, {"page_token": "garbage"},
                                     *differs([{"run_view_type": "SIDEWAYS"}], [])])
def test_a_bad_page_is_refused(field, raw, message):
    refused(raw.post("runs/search", {"experiment_ids": [field[1]], **message}))


def test_no_experiments_no_runs(raw):
    assert accepted(raw.post("runs/search", {})) == {}
    assert accepted(raw.post("runs/search", {"experiment_ids": []})) == {}
    assert accepted(raw.post("runs/search", {"experiment_ids": ["999999999"]})) == {}


def test_views(client, experiment):
    gone, here = client.create_run(experiment).info.run_id, client.create_run(experiment).info.run_id
    client.delete_run(gone)

    def search(view):
        return {run.info.run_id for run in client.search_runs([experiment], run_view_type=view)}

    assert (search(ViewType.ACTIVE_ONLY), search(ViewType.DELETED_ONLY), search(ViewType.ALL)) == ({here}, {gone}, {gone, here})


def test_several_experiments_at_once(client):
    experiments = [client.create_experiment(unique()) for _ in range(3)]
    runs = {client.create_run(experiment).info.run_id for experiment in experiments}

    assert {run.info.run_id for run in client.search_runs(experiments)} == runs


def test_as_a_table(field):
    _, experiment, _ = field
    table = mlflow.search_runs([experiment], "metrics.acc > 0", order_by=["metrics.acc ASC"])

    assert list(table["metrics.acc"]) == [0.5, 0.7, 0.9]
    assert list(table["tags.mlflow.runName"]) == ["one", "two", "Three"]
    assert list(table["params.lr"]) == ["0.1", "0.01", "0.1"]
    assert set(table["experiment_id"]) == {experiment}
    assert str(table["start_time"].dtype).startswith("datetime64")


def test_by_the_experiments_name(field):
    client, experiment, _ = field
    name = client.get_experiment(experiment).name

    assert len(mlflow.search_runs(experiment_names=[name], output_format="list")) == 6
    assert mlflow.search_runs(experiment_names=["never made"], output_format="list") == []


def test_the_latest_value_is_searched(client, experiment, run):
    client.log_metric(run, "m", 1.0, step=1)
    client.log_metric(run, "m", 9.0, step=2)

    assert client.search_runs([experiment], "metrics.m = 1") == []
    assert len(client.search_runs([experiment], "metrics.m = 9")) == 1


def test_more_than_a_page_of_runs(client, experiment):
    made = {client.create_run(experiment).info.run_id for _ in range(30)}

    seen, token = set(), None
    while True:
        page = client.search_runs([experiment], max_results=7, page_token=token)
        seen |= {run.info.run_id for run in page}
        token = page.token
        if not token:
            break
    assert seen == made


def test_a_filter_of_100_kilobytes_is_no_server_error(field, raw):
    long = " AND ".join(f"tags.k{i} = 'v'" for i in range(5000))

    reply = raw.post("runs/search", {"experiment_ids": [field[1]], "filter": long})
    assert reply.status in differs((200, 400), (200, 400, 500)), reply
