"""Artifacts: the proxy's files, listings, deletions, limits and attacks; get-artifact; what the client logs."""
import hashlib
import http.client
import json
import os
from urllib.parse import urlsplit

import matplotlib.figure
import mlflow
import numpy
import pandas
import pytest
import requests
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from support import ADDRESS, TOKEN, accepted, differs, missing, refused

PROXY = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture
def root(client, run):
    """The run's artifact folder as the proxy names it."""
    return client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:/")


def put(raw, path, content, **headers):
    return raw.send("PUT", f"/{path}", PROXY, data=content, headers=headers)


def stored(reply):
    assert reply.status == 200 and reply.text.strip() in ("", "{}"), reply


def fetch(raw, path):
    return raw.send("GET", f"/{path}", PROXY)


def listed(raw, path):
    return {f["path"]: f for f in accepted(raw.send("GET", "", PROXY, params={"path": path})).get("files", [])}


# ---- the proxy ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("content", [b"", b"x", b"\x00\xff" * 5000, os.urandom(3 << 20)], ids=["empty", "one", "binary", "3 MiB"])
def test_a_file_comes_back_to_the_byte(raw, root, content):
    stored(put(raw, f"{root}/deep/er/file.bin", content))

    back = fetch(raw, f"{root}/deep/er/file.bin")
    assert back.status == 200 and back.content == content


def test_a_file_is_replaced(raw, root):
    for content in (b"first, and longer", b"second"):
        stored(put(raw, f"{root}/file.txt", content))

    assert fetch(raw, f"{root}/file.txt").content == b"second"


def test_a_chunked_upload(raw, root):
    stored(put(raw, f"{root}/chunks.txt", iter([b"one ", b"two ", b"three"])))

    assert fetch(raw, f"{root}/chunks.txt").content == b"one two three"


@pytest.mark.parametrize("name, kind", [
    ("a.txt", "text/plain"), ("a.log", "text/plain"), ("a.py", "text/plain"), ("a.json", "text/plain"), ("a.yaml", "text/plain"), ("a.csv", "text/plain"),
    ("a.md", "text/plain"), ("MLmodel", "text/plain"), ("a.png", "image/png"), ("a.pdf", "application/pdf"),
    ("a.bin", "application/octet-stream"), ("noextension", "application/octet-stream"), ("a.html", None),
])
def test_the_type_comes_of_the_name(raw, root, name, kind):
    stored(put(raw, f"{root}/{name}", b"<script>alert(1)</script>", **{"Content-Type": "text/html"}))

    reply = fetch(raw, f"{root}/{name}")
    assert kind is None or reply.headers["Content-Type"].split(";")[0] == kind
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_a_file_name_beyond_ascii(raw, root):
    stored(put(raw, f"{root}/größe 1.txt", b"x"))

    reply = fetch(raw, f"{root}/größe 1.txt")
    assert reply.content == b"x" and "filename*=UTF-8''gr%C3%B6%C3%9Fe" in reply.headers["Content-Disposition"]
    assert set(listed(raw, root)) == {"größe 1.txt"}


def test_listing_by_base_names(raw, root):
    for path in ("a.txt", "b/c.txt", "b/d/e.txt"):
        stored(put(raw, f"{root}/{path}", b"12345"))

    top = listed(raw, root)
    assert set(top) == {"a.txt", "b"}
    assert (top["a.txt"]["is_dir"], top["a.txt"]["file_size"], top["b"]["is_dir"]) == (False, 5, True)
    assert "file_size" not in top["b"]
    assert set(listed(raw, f"{root}/b")) == {"c.txt", "d"}
    assert listed(raw, f"{root}/nowhere") == {}


def test_what_is_not_there(raw, root):
    stored(put(raw, f"{root}/folder/file", b"x"))

    missing(fetch(raw, f"{root}/nothing.txt"))
    assert fetch(raw, f"{root}/folder").status in differs((400,), (400, 404, 500))


def test_deleting(raw, root):
    for path in ("keep.txt", "tree/a.txt", "tree/b/c.txt"):
        stored(put(raw, f"{root}/{path}", b"x"))

    accepted(raw.send("DELETE", f"/{root}/tree", PROXY))
    assert set(listed(raw, root)) == {"keep.txt"}
    accepted(raw.send("DELETE", f"/{root}/keep.txt", PROXY))
    missing(fetch(raw, f"{root}/keep.txt"))
    assert raw.send("DELETE", f"/{root}/never", PROXY).status == 200


ATTACKS = ["../x", "..%2fx", "%2e%2e/x", "%252e%252e%252fx", "a/../../x", "a/%2e%2e/%2e%2e/x", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "..\\x", "a%5c..%5cx",
           "x%00.txt", "C:%5cx", "C:/x", "x%3b/%2e%2e/y", "file:///etc/passwd", "x%0a"]


@pytest.mark.parametrize("path", ATTACKS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_no_path_leads_out(path, method):
    """Sent byte for byte: a client would tidy the path up first."""
    address = urlsplit(ADDRESS)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    headers = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    connection.request(method, f"{PROXY}/{path}", body=b"x" if method == "PUT" else None, headers=headers)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()

    assert reply.status in differs(range(400, 500), range(200, 600)), (reply.status, text[:200])
    assert b"root:" not in text


@pytest.mark.parametrize("path", ["../x", "%2e%2e/x", "a/../../x", "/etc", *differs(["..\\x"], [])])
def test_no_listing_leads_out(client, raw, run, path):
    refused(raw.send("GET", "", PROXY, params={"path": path}), "Invalid path")
    refused(raw.get("artifacts/list", run_id=run, path=path), "Invalid path")


def test_names_of_many_lengths(raw, root):
    stored(put(raw, f"{root}/{'n' * 200}.txt", b"x"))

    assert put(raw, f"{root}/{'n' * 5000}", b"x").status in differs((400, 414), (400, 414, 500))


# ---- what the client does ------------------------------------------------------------------------------

def test_logging_and_downloading_files(client, run, tmp_path):
    (tmp_path / "up" / "sub").mkdir(parents=True)
    (tmp_path / "up" / "a.txt").write_text("Hello")
    (tmp_path / "up" / "empty.txt").write_text("")
    (tmp_path / "up" / "sub" / "b.bin").write_bytes(b"\x00\x01")
    client.log_artifact(run, str(tmp_path / "up" / "a.txt"))
    client.log_artifacts(run, str(tmp_path / "up"), "dir")

    assert {(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run)} == {("a.txt", False, 5), ("dir", True, None)}
    assert {(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run, "dir")} == {
        ("dir/a.txt", False, 5), ("dir/empty.txt", False, differs(0, None)), ("dir/sub", True, None)}
    down = client.download_artifacts(run, "", str(tmp_path))
    with open(os.path.join(down, "dir", "sub", "b.bin"), "rb") as file:
        assert file.read() == b"\x00\x01"
    assert os.path.getsize(os.path.join(down, "dir", "empty.txt")) == 0
    with open(client.download_artifacts(run, "a.txt")) as file:
        assert file.read() == "Hello"
    assert client.list_artifacts(run, "a.txt") == [] and client.list_artifacts(run, "nowhere") == []


def test_a_file_that_is_not_there(client, run, tmp_path):
    with pytest.raises(MlflowException):
        client.download_artifacts(run, "nothing.txt", str(tmp_path))


def test_text_dict_figure_and_table(client, active):
    with mlflow.start_run() as run:
        mlflow.log_text("grüße", "notes/a.txt")
        mlflow.log_dict({"a": [1, 2]}, "notes/a.json")
        mlflow.log_dict({"a": 1}, "notes/a.yaml")
        figure = matplotlib.figure.Figure()
        figure.subplots().plot([1, 2, 3])
        mlflow.log_figure(figure, "plots/a.png")
        mlflow.log_table({"x": [1, 2]}, "table.json")
        mlflow.log_table(pandas.DataFrame({"x": [3]}), "table.json")
    run_id = run.info.run_id

    assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/a.txt") == "grüße"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/notes/a.json") == {"a": [1, 2]}
    with open(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="plots/a.png"), "rb") as file:
        assert file.read(4) == b"\x89PNG"
    assert list(mlflow.load_table("table.json", run_ids=[run_id])["x"]) == [1, 2, 3]
    assert json.loads(client.get_run(run_id).data.tags["mlflow.loggedArtifacts"]) == [{"path": "table.json", "type": "table"}]


def test_an_image(active):
    with mlflow.start_run() as run:
        mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), "black.png")

    assert [f.path for f in mlflow.artifacts.list_artifacts(run_id=run.info.run_id)] == ["black.png"]


def test_artifacts_by_uri(client, active, tmp_path):
    with mlflow.start_run() as run:
        mlflow.log_text("x", "folder/file.txt")
        assert mlflow.get_artifact_uri("folder") == run.info.artifact_uri + "/folder"

    found = mlflow.artifacts.download_artifacts(artifact_uri=run.info.artifact_uri + "/folder", dst_path=str(tmp_path))
    assert os.listdir(found) == ["file.txt"]
    assert [f.path for f in mlflow.artifacts.list_artifacts(artifact_uri=f"runs:/{run.info.run_id}/folder")] == ["folder/file.txt"]


def test_a_large_file(client, run, tmp_path):
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(1 << 20) * 40)
    client.log_artifact(run, str(big))

    with open(client.download_artifacts(run, "big.bin", str(tmp_path / "..")), "rb") as file:
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(big.read_bytes()).digest()


def test_many_small_files(client, run, tmp_path):
    (tmp_path / "many").mkdir()
    for i in range(60):
        (tmp_path / "many" / f"{i}.txt").write_text(str(i))
    client.log_artifacts(run, str(tmp_path / "many"), "many")

    assert {f.path for f in client.list_artifacts(run, "many")} == {f"many/{i}.txt" for i in range(60)}


def test_deleting_a_runs_artifacts(client, active):
    with mlflow.start_run() as run:
        mlflow.log_text("x", "a.txt")

    get_artifact_repository(run.info.artifact_uri).delete_artifacts("a.txt")
    assert client.list_artifacts(run.info.run_id) == []


# ---- addresses beside the proxy --------------------------------------------------------------------------

def test_artifacts_list(client, raw, run):
    client.log_text(run, "x", "dir/a.txt")

    listing = accepted(raw.get("artifacts/list", run_id=run))
    assert listing["root_uri"] == client.get_run(run).info.artifact_uri
    assert listing["files"] == [{"path": "dir", "is_dir": True}]
    assert accepted(raw.get("artifacts/list", run_id=run, path="dir"))["files"] == [{"path": "dir/a.txt", "is_dir": False, "file_size": 1}]
    assert "files" not in accepted(raw.get("artifacts/list", run_id=run, path="none"))
    missing(raw.get("artifacts/list", run_id="f" * 32))


@pytest.mark.parametrize("field", ["run_id", "run_uuid"])
def test_get_artifact(client, raw, run, field):
    client.log_text(run, "content", "dir/a.txt")

    reply = raw.send("GET", "get-artifact", "/", params={field: run, "path": "dir/a.txt"})
    assert (reply.status, reply.text) == (200, "content")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["../../x", "..%2f..%2fx", "/etc/passwd", "file:///etc/passwd", "%2e%2e/%2e%2e/x", "a/../../../x"])
def test_get_artifact_stays_inside(raw, run, path):
    reply = raw.send("GET", "get-artifact", "/", params={"run_id": run, "path": path})

    refused(reply, "Invalid path")


def test_get_artifact_of_a_version(client, raw, version, run):
    client.log_text(run, "weights", "model/w.txt")

    reply = raw.send("GET", "get-artifact", "/model-versions/", params={"name": version.name, "version": "1", "path": "w.txt"})
    assert (reply.status, reply.text) == (200, "weights")
    refused(raw.send("GET", "get-artifact", "/model-versions/", params={"name": version.name, "version": "1", "path": "../../x"}), "Invalid path")


def test_uploading_as_the_user_interface_does(client, raw, run):
    reply = raw.send("POST", "upload-artifact", "/ajax-api/2.0/mlflow/", params={"run_uuid": run, "path": "ui/a.txt"}, data=b"from the page")

    assert reply.status == 200, reply
    assert [f.path for f in client.list_artifacts(run, "ui")] == ["ui/a.txt"]


def test_uploading_limits(raw, run):
    def upload(content=b"x", **query):
        return raw.send("POST", "upload-artifact", "/ajax-api/2.0/mlflow/", params=query, data=content)

    refused(upload(path="a.txt"), "Request must specify run_uuid")
    refused(upload(run_uuid=run), "Request must specify path")
    refused(upload(b"", run_uuid=run, path="a.txt"), "Request must specify data")
    refused(upload(b"x" * ((10 << 20) + 1), run_uuid=run, path="a.txt"), "Artifact size is too large")
    refused(upload(run_uuid=run, path="../a.txt"), "Invalid path")


# ---- multipart ---------------------------------------------------------------------------------------------

def test_multipart_works_or_says_that_it_does_not(raw, root):
    created = raw.send("POST", f"create/{root}", "/api/2.0/mlflow-artifacts/mpu/", json={"path": "big.bin", "num_parts": 2})
    if created.status == 501:
        assert created.code == "NOT_IMPLEMENTED"
        assert created.message.startswith("Multipart upload is not supported for the current artifact repository")
        return
    parts, contents = [], [os.urandom(5 << 20), b"the rest"]
    for credential, content in zip(accepted(created)["credentials"], contents, strict=True):
        answer = requests.put(credential["url"], data=content, headers=credential.get("headers", {}), timeout=60)
        assert answer.status_code == 200, answer.text
        parts.append({"part_number": credential["part_number"], "etag": answer.headers["ETag"], "url": credential["url"]})
    accepted(raw.send("POST", f"complete/{root}", "/api/2.0/mlflow-artifacts/mpu/",
                      json={"path": "big.bin", "upload_id": created.json["upload_id"], "parts": parts}))
    assert fetch(raw, f"{root}/big.bin").content == b"".join(contents)


def test_a_multipart_upload_may_be_given_up(raw, root):
    created = raw.send("POST", f"create/{root}", "/api/2.0/mlflow-artifacts/mpu/", json={"path": "big.bin", "num_parts": 1})
    if created.status == 501:
        assert created.code == "NOT_IMPLEMENTED"
        return
    accepted(raw.send("POST", f"abort/{root}", "/api/2.0/mlflow-artifacts/mpu/", json={"path": "big.bin", "upload_id": accepted(created)["upload_id"]}))
    missing(fetch(raw, f"{root}/big.bin"))


def test_presigned_download_works_or_says_that_it_does_not(raw, root):
    stored(put(raw, f"{root}/a.txt", b"x"))

    reply = raw.send("GET", f"{root}/a.txt", "/api/2.0/mlflow-artifacts/presigned/")
    if reply.status == 200:
        assert reply.json["file_size"] == 1
    else:
        assert (reply.status, reply.code) == (501, "NOT_IMPLEMENTED"), reply
