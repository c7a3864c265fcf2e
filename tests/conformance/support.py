"""What the test programs share: raw requests beside the client, and who is being tested."""
import os
import uuid

import requests
from packaging.version import Version

import mlflow

ADDRESS = os.environ["CONFORMANCE_URL"]
TOKEN = os.environ.get("CONFORMANCE_TOKEN", "")
IS_MLFLOW = os.environ.get("CONFORMANCE_SUBJECT") == "mlflow"  # the reference itself is under test
CURRENT = Version(mlflow.__version__) >= Version("3.0")
HUGE = 1.7976931348623157e308


def differs(ours, theirs):
    """A documented deviation: what we answer, and what MLflow's own server does instead."""
    return theirs if IS_MLFLOW else ours


def unique(prefix="n"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


class Reply:
    def __init__(self, answer):
        self.status = answer.status_code
        self.headers = answer.headers
        self.text = answer.text
        self.content = answer.content
        try:
            self.json = answer.json()
        except ValueError:
            self.json = None

    @property
    def code(self):
        return self.json.get("error_code") if isinstance(self.json, dict) else None

    @property
    def message(self):
        return self.json.get("message", "") if isinstance(self.json, dict) else self.text

    def __repr__(self):
        return f"{self.status} {self.text[:300]}"


class Raw:
    """Requests that the client cannot send, or hides what came back of."""

    def __init__(self, address=ADDRESS, token=TOKEN, basic=None):
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        if basic:
            self.session.auth = basic
        elif token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method, path, prefix="/api/2.0/mlflow/", **options):
        options.setdefault("timeout", 60)
        return Reply(self.session.request(method, self.address + prefix + path, **options))

    def get(self, path, /, **query):
        return self.send("GET", path, params=query)

    def post(self, path, message):
        return self.send("POST", path, json=message)

    def patch(self, path, message):
        return self.send("PATCH", path, json=message)

    def delete(self, path, message=None):
        return self.send("DELETE", path, json=message)


def refused(reply, *words, code="INVALID_PARAMETER_VALUE", status=400):
    """Holds a reply to be an error in MLflow's shape, with these words in its message."""
    assert (reply.status, reply.code) == (status, code), reply
    for word in words:
        assert word in reply.message, reply


def missing(reply, *words):
    refused(reply, *words, code="RESOURCE_DOES_NOT_EXIST", status=404)


def accepted(reply):
    assert reply.status == 200, reply
    assert reply.headers["Content-Type"].startswith("application/json"), reply.headers
    return reply.json
