"""The client package: made from the description, installed as its readers install it, held to strict types, and used
against a live server."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from api.client.generate import variable, wheel, wheel_name
from api.howto import copy_with_pandas
from api.lifecycle import row_component
from api.schema import document
from api.urls import RESOURCES

from .conftest import bearer, officer
from .test_howto import a_day_of_work, leave, view, withdraw
from .test_walks import settle
from .walk import V1, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

USES = """
from commissioning_client import Client, Copy, models

def use(client: Client) -> list[models.Rate]:
    copy: Copy[models.Rate] = client.rates.copy(in_force_on="2026-04-01")
    changes = copy.refresh()
    if changes is not None:
        names: list[str] = [row["provider_name"] for row in changes.rows]
    release: models.Release = client.releases.approve("id", if_match='"3"')
    months: list[int] = [row["nights"] for row in client.spend.all(from_="2026-04", route="spot")]
    return list(copy.rows.values())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory, django_db_setup):
    """The folder into which pip installed the wheel; nothing is fetched."""
    folder = tmp_path_factory.mktemp("client")
    made = folder / wheel_name()
    made.write_bytes(wheel())
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-compile",
               "--disable-pip-version-check", "--target", folder / "site", made]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    if "No module named pip" in done.stderr:  # an environment made without it: unpacked is installed
        ZipFile(made).extractall(folder / "site")
    else:
        assert done.returncode == 0, done.stderr
    sys.path.insert(0, str(folder / "site"))
    yield folder / "site"
    sys.path.remove(str(folder / "site"))


def test_the_package_names_every_call_and_is_typed(installed, tmp_path):
    from commissioning_client import Client

    client = Client("https://host.example", "key")
    described = document()
    for resource in RESOURCES:
        listed = described["paths"][f"{V1}/{resource.name}/"].get("get", {"responses": {}})
        if row_component(listed, described["components"]["schemas"]):
            assert callable(getattr(client, variable(resource.name)).all)
    calls = (installed / "commissioning_client" / "calls.py").read_text()
    for address, operations in described["paths"].items():
        for operation in operations.values():
            assert f"class {variable(operation['tags'][0]).title().replace('_', '')}List(" in calls, address
    assert "key" not in repr(client.connection)
    (tmp_path / "uses.py").write_text(USES)
    types = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-incremental",
        "--config-file=",
        "-p",
        "commissioning_client",
    ]
    told = subprocess.run(types, cwd=installed, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    told = subprocess.run([*types[:-2], tmp_path / "uses.py"], cwd=installed, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_the_wheel_is_served_and_is_the_same_each_time(client, db):
    page = client.get(f"{V1}/docs/client/").content.decode()
    assert wheel_name() in page
    answer = client.get(f"{V1}/docs/client/{wheel_name()}")
    assert answer.status_code == 200
    names = ZipFile(BytesIO(answer.content)).namelist()
    assert "commissioning_client/runtime.py" in names
    first = answer.content
    wheel.cache_clear()
    assert wheel() == first


def test_it_keeps_a_copy_and_takes_files(installed, live_server, client, market, southwark, lewisham, tmp_path):
    from commissioning_client import Client, Problem

    key = bearer(lewisham)
    partner = Client(live_server.url, key["Authorization"].removeprefix("Bearer "))
    partner.rates.limit = 3  # several pages
    copy = partner.rates.copy()
    settle()
    assert copy.refresh() is None
    assert len(copy.rows) == 8
    a_day_of_work(market, southwark, lewisham)
    leave(market, southwark, lewisham)
    copy.save(tmp_path / "rates.json")
    again = partner.rates.copy()
    again.load(tmp_path / "rates.json")
    settle()
    changes = again.refresh()
    assert changes.removals
    assert sorted(again.rows.values(), key=lambda row: row["id"]) == view(client, key, "rates")
    assert len(again.rows) == 7
    withdraw(market, southwark, lewisham)
    settle()
    again.refresh()
    assert sorted(again.rows.values(), key=lambda row: row["id"]) == view(client, key, "rates")
    assert len(again.rows) == 4
    row = next(iter(again.rows.values()))
    assert partner.rates.one(row["id"]) == row
    chosen = list(partner.rates.all(provider=row["provider"], lot=row["lot"]))
    assert {each["provider"] for each in chosen} == {row["provider"]}

    settle()
    watermark = partner.rates.export(tmp_path / "rates.csv", "csv")
    assert watermark.isdigit()
    assert (tmp_path / "rates.csv").read_bytes() == whole(client.get(f"{V1}/rates/?format=csv", headers=key))
    assert partner.spend.export(tmp_path / "spend.ndjson", "ndjson", from_="2025-04", to="2025-06") == ""
    lines = (tmp_path / "spend.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == list(partner.spend.all(from_="2025-04", to="2025-06"))

    with pytest.raises(Problem) as refused:
        partner.releases.approve("nothing", if_match='"1"')
    assert (refused.value.status, refused.value.kind) == (403, "not-allowed")
    assert refused.value.remedy
    assert refused.value.request_id
    with officer(lewisham), pytest.raises(ValueError, match="stays here"):
        partner.connection.json("GET", "https://elsewhere.example/api/v1/rates/")


@contextmanager
def answers(*told):
    """A server that gives these answers in turn: (status, headers, body). What it was asked is kept."""
    waiting, asked = list(told), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.command, self.path, dict(self.headers)))
            status, headers, body = waiting.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET

        def log_message(self, *told):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever, 0.05)
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            server.server_close()


def test_it_waits_as_it_is_told(installed):
    from commissioning_client import Client, Problem

    busy = (429, {"Retry-After": "7"}, {})
    row = {"results": [{"id": "a"}], "next": None, "watermark": "1"}
    waited = []
    with answers(busy, (503, {}, {}), (200, {}, row)) as (address, asked):
        found = list(Client(address, "secret", sleep=waited.append).lots.all())
    assert (found, waited, len(asked)) == ([{"id": "a"}], [7.0, 4.0], 3)
    with answers(busy, busy) as (address, _), pytest.raises(Problem, match="429"):
        list(Client(address, "secret", sleep=waited.append, tries=2).lots.all())
    # A step may have been taken when a gateway gives up: it is not sent again. One that was refused unread is.
    with answers(busy, (504, {}, {})) as (address, asked), pytest.raises(Problem, match="504"):
        Client(address, "secret", sleep=waited.append).releases.publish("a", if_match='"1"')
    assert [each[0] for each in asked] == ["POST", "POST"]
    with answers((302, {"Location": "http://127.0.0.1:9/elsewhere"}, {})) as (address, asked):
        with pytest.raises(Problem, match="302"):
            list(Client(address, "secret").lots.all())
        assert len(asked) == 1


def test_the_script_waits_as_it_is_told(monkeypatch):
    waited = []
    monkeypatch.setattr(copy_with_pandas, "time", SimpleNamespace(sleep=waited.append))
    monkeypatch.setenv("COMMISSIONING_KEY", "secret")
    row = {"results": [{"id": "a"}], "next": None, "watermark": "1"}
    with answers((429, {"Retry-After": "7"}, {}), (503, {}, {}), (200, {}, row)) as (address, asked):
        monkeypatch.setenv("COMMISSIONING_API", f"{address}/api/v1")
        assert copy_with_pandas.whole("lots") == ({"a": {"id": "a"}}, "1")
    assert waited == [7, 2]
    assert [each[1] for each in asked] == ["/api/v1/lots/?limit=1000"] * 3
    with pytest.raises(copy_with_pandas.Refused, match="is not an address of"):
        copy_with_pandas.read("https://elsewhere.example/api/v1/lots/")
