"""Many callers at once: a call is done once, a version is changed once, and a long pull neither skips nor repeats a
row. The figures are those of RELIABILITY.md 3.4: A3, A4 and A5."""

import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import ApiKey, KeptAnswer, User
from contracts.models import CostLine, Placement

from .conftest import officer
from .test_refusals import problem
from .test_walks import Copy, in_thread, settle
from .test_writes import PLACEMENT, change, send, told, writer
from .walk import V1, pages

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
LINES = f"{V1}/cost-lines/"


@pytest.fixture
def key(market, southwark):
    return writer(southwark)


def together(work, times):
    """What `work` gives, called so many times at once by twenty callers."""

    def run(number):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(run, range(times)))


def test_fifty_of_one_call_are_done_once(key, southwark):
    answers = together(lambda _: send(Client(), "placements", key, {"placements": [PLACEMENT]}, once="same"), 50)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 49
    with officer(southwark):
        assert Placement.objects.filter(reference="P-77").count() == 1
        assert KeptAnswer.objects.count() == 1


# A process of its own on the tests' database, which is killed where it stands: `where` it is said.
KILLED = """
import json, os, signal, sys
import django
from django.conf import settings

told = json.load(sys.stdin)
for each in settings.DATABASES.values():
    each["NAME"] = told["database"]
settings.INBOX = told["inbox"]
settings.SECOND_FACTOR_REQUIRED = False
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from api.once import KeptAnswer
from api.rows import TakesRows

setup_test_environment()


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


if told["where"] == "before the commit":
    KeptAnswer.objects.filter = die  # the change is made, its answer is not kept yet
else:
    post = TakesRows.post
    TakesRows.post = lambda view, request: die(post(view, request))
Client().post(told["address"], told["body"], content_type="application/json", headers=told["headers"])
print("It was answered")
"""


@pytest.mark.parametrize("where", ["before the commit", "after the commit"])
def test_a_process_killed_before_it_answers_has_done_it_once(client, key, southwark, settings, where):
    """Before the commit nothing stands, and the call sent again is carried out; after it, the kept answer is given."""
    body = {"placements": [PLACEMENT]}
    sent = {
        "where": where, "address": f"{V1}/placements/", "body": json.dumps(body), "inbox": str(settings.INBOX),
        "headers": {**key, "Idempotency-Key": "k"}, "database": connection.settings_dict["NAME"],
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", KILLED], input=json.dumps(sent), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr
    stands = int(where == "after the commit")
    with officer(southwark):
        assert Placement.objects.filter(reference="P-77").count() == stands
    first, again = (send(client, "placements", key, body, once="k") for _ in range(2))
    assert told(first)["facts_added"] > 0
    assert ["Idempotency-Replayed" in answer for answer in (first, again)] == [bool(stands), True]
    assert again.content == first.content
    with officer(southwark):
        assert Placement.objects.filter(reference="P-77").count() == 1


def test_of_a_hundred_changes_of_one_version_one_is_made(key, market, southwark, settings):
    settings.API_CALLS_OF_KEY = 1000
    line = market.bought["southwark"].extra
    tag = Client().get(f"{LINES}{line.uuid}/", headers=key)["ETag"]
    answers = together(
        lambda n: change(Client(), "cost-lines", line.uuid, key, tag,
                         {"ends_before": f"2025-08-{n % 28 + 1:02}", "reason": f"number {n}"}), 100
    )  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 99
    (winner,) = [json.loads(answer.content) for answer in answers if answer.status_code == 200]
    with officer(southwark):
        now = CostLine.objects.get(pk=line.pk)
        assert (now.version, now.ends_before.isoformat()) == (winner["version"], winner["ends_before"])


MANY, WRITERS, A_SECOND = 100_000, 5, 50


def _many(line):
    """So many lines like it, by one statement of the database."""
    columns = [f.column for f in CostLine._meta.concrete_fields if f.column not in ("id", "uuid", "starts_on")]
    copied = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contracts_costline ({copied}, starts_on) SELECT {copied}, starts_on FROM contracts_costline, "
            "generate_series(1, %s) WHERE id = %s", [MANY, line.pk]
        )  # fmt: skip


def test_a_long_pull_tells_each_row_once_while_others_write(client, key, market, southwark, settings):
    settings.API_CALLS_OF_KEY = settings.API_CALLS_OF_AUTHORITY = 100_000
    with officer(southwark):
        _many(market.bought["southwark"].line)
        before = {str(uuid) for uuid in CostLine.objects.values_list("uuid", flat=True)}
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contracts_costline")  # as PostgreSQL does by itself, within a minute
    settle()
    stop, wrote = threading.Event(), []

    def write(number):
        place = number
        while not stop.is_set():
            begun = time.monotonic()
            with officer(southwark):
                some = list(CostLine.objects.order_by("id").values_list("pk", flat=True)[place : place + 10])
                CostLine.objects.filter(pk__in=some[:8]).update(review_note=f"{place}")
                CostLine.objects.filter(pk__in=some[9:]).delete()
                _more(market, southwark)
            wrote.append(10)
            place = (place + 7919) % MANY
            time.sleep(max(0.0, 10 / A_SECOND - (time.monotonic() - begun)))

    threads = [in_thread(write, number * 1000) for number in range(WRITERS)]
    copy = Copy.__new__(Copy)
    copy.client, copy.key, copy.address, copy.held = client, key, LINES, {}
    seen = []
    try:
        for page in pages(client, f"{LINES}?limit=200", key):
            seen += [row["id"] for row in page["results"]]
            copy.watermark = page["watermark"]
            copy.apply(page["results"])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(seen) == len(set(seen)), "told twice"
    with officer(southwark):
        there = {str(uuid) for uuid in CostLine.objects.values_list("uuid", flat=True)}
    assert before & there <= set(seen), "skipped"
    assert wrote
    delta = copy.refresh()
    assert any(row.get("deleted") for row in delta)
    assert set(copy.held) == there
    # The copy and the list are counted alike, by the sum that the documentation gives.
    counted = told(client.get(f"{LINES}count/", headers=key))
    assert (counted["rows"], counted["unsettled"], counted["digest"]) == (len(copy.held), 0, digest(copy.held.values()))


def _more(market, southwark):
    line = market.bought["southwark"].line
    CostLine.objects.create(
        authority=southwark, placement_id=line.placement_id, category="core", amount=1, unit="week", quantity=1,
        weekly_amount=1, once_amount=0, starts_on=line.starts_on,
    )  # fmt: skip


def digest(rows):
    """As the documentation tells a reader to work it out."""
    from hashlib import md5

    told = (int(md5(f"{row['id']}:{row['version']}".encode()).hexdigest()[:15], 16) for row in rows)
    return str(sum(told) % 2**60)


def test_a_key_that_is_revoked_breaks_its_file_off(client, key, market, southwark, monkeypatch):
    from api import sending

    monkeypatch.setattr(sending, "PIECE", 100)
    monkeypatch.setattr(sending, "LOOKED_AT_EVERY", 0.0)
    answer = client.get(f"{V1}/rates/?format=ndjson", headers=key)
    lines = iter(answer.streaming_content)
    next(lines)
    prefix = key["Authorization"].split()[1].split(".")[0]

    def revoke():
        with officer(southwark):
            ApiKey.objects.filter(prefix=prefix).update(revoked_at="2026-01-01T00:00Z")

    in_thread(revoke).join()
    with pytest.raises(sending.KeyEnded):
        list(lines)
    problem(client.get(f"{V1}/rates/", headers=key), 401)
    # A person's own ends with them, in the middle of a file too.
    with officer(southwark):
        maker = User.objects.create_user("m@s.example", role="placements_officer", authority=southwark)
        _, own = make_key(authority=southwark, name="own", scopes=("rates",), at=timezone.now(), by=maker)
    answer = client.get(f"{V1}/rates/?format=ndjson", headers={"Authorization": f"Bearer {own}"})
    lines = iter(answer.streaming_content)
    next(lines)

    def leave():
        with officer(southwark):
            User.objects.filter(pk=maker.pk).update(is_active=False)

    in_thread(leave).join()
    with pytest.raises(sending.KeyEnded):
        list(lines)
