"""The OCDS resource: rows, package, who may read it, and that no child can be told from it."""

import json
import re
from datetime import date

import pytest

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.measures.ocds import ocds_releases
from contracts.models import Child, Placement
from providers.actions.award_place import end_place
from providers.models import Award
from tests import ocds
from tests.contracts.bought import child_of, framework_placement

from .conftest import bearer, officer
from .test_refusals import problem
from .walk import V1, pages, rows, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OCDS = f"{V1}/ocds/"


@pytest.fixture
def key(market, southwark):
    """Southwark called off nine homes from Alder and eight from Birch in one quarter, and three in the next."""
    with officer(southwark):
        places = {each.provider_id: each for each in Award.objects.filter(framework=market.ours.framework)}
        for provider, number, begins in (
            (market.alder, 9, date(2025, 6, 2)),
            (market.birch, 8, date(2025, 4, 30)),
            (market.alder, 3, date(2025, 8, 1)),
        ):  # fmt: skip
            for _ in range(number):
                framework_placement(child_of(southwark), places[provider.pk], begins)
    return bearer(southwark)


def package(client, key, asked=""):
    answer = client.get(f"{OCDS}?format=json{asked}", headers=key)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def of_kind(made, kind):
    return [each for each in made["releases"] if bool(each.get("relatedProcesses")) == (kind == "call_off")]


def test_the_package_is_valid(client, key, southwark, market):
    with officer(southwark):
        place = Award.objects.get(framework=market.ours.framework, provider=market.birch)
        end_place(award=place, ends_before=date(2025, 12, 1), reason="SECRET reason", by="service:tests")
    made = package(client, key)
    assert ocds.problems_of(made) == []
    assert made["publisher"] == {"name": "Southwark", "scheme": "GB-GSS", "uid": "E09000028"}
    assert {each["tender"]["id"] for each in of_kind(made, "framework") if "opening" in each["id"]} == {
        "SEL-1",
        "LEW-1",
    }
    assert ["awardUpdate", "contractTermination"] in [each["tag"] for each in made["releases"]]
    answer = client.get(f"{OCDS}?format=json", headers=key)
    assert answer["Content-Disposition"].startswith('attachment; filename="ocds-release-package-southwark-')
    if ocds.folder() is None:
        pytest.skip(ocds.ABSENT)
    assert ocds.errors_in(made) == []


def test_a_call_off_is_one_of_many_alike(client, key, southwark, market):
    """Nine and eight of one quarter are told as five each; three of the next, and the search of the market itself, are
    not. What is told of each is the buyer, the lot, the quarter and whether it was competitive, and it is the same."""
    made = of_kind(package(client, key), "call_off")
    by = {}
    for each in made:
        (award,) = each["awards"]
        by.setdefault(award["suppliers"][0]["name"], []).append(each)
    assert {name: len(told) for name, told in by.items()} == {"=Alder Fostering": 5, "Birch Homes": 5}
    for told in by.values():
        alike = [json.dumps(each).replace(each["id"], "").replace(each["tender"]["id"], "") for each in told]
        assert len(set(alike)) == 1
    first = by["Birch Homes"][0]
    opening = next(e for e in package(client, key)["releases"] if e.get("tender", {}).get("title") == "Framework SEL-1")
    (related,) = first["relatedProcesses"]
    assert (related["relationship"], related["identifier"]) == (["framework"], opening["ocid"])
    assert first["tender"]["competitive"] is False
    assert first["buyer"]["id"] == "GB-GSS-E09000028"
    text = json.dumps(made)
    days = set(re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text))
    assert days == {"2025-04-01", "2025-06-30", "2025-10-01"}  # the quarter, and from when it is told
    assert not re.search(r'"(value|amount|items|address|contactPoint|dateSigned|period)"', text)
    with officer(southwark):
        private = [str(each.uuid) for each in Placement.objects.all()]
        private += [str(each.uuid) for each in Child.objects.all()] + [str(market.agency.uuid), market.agency.urn]
    assert not [each for each in private if each in text]


def test_a_quarter_is_told_when_it_has_settled_and_never_otherwise(key, southwark, market, settings):
    def told(day):
        with officer(southwark):
            return {each["id"] for _, _, each in ocds_releases(today=day, process="call_off")}

    assert told(date(2025, 9, 30)) == set()
    first = told(date(2025, 10, 1))
    assert len(first) == 10
    assert first == told(date(2026, 4, 20))  # August holds three: never told
    with officer(southwark):
        place = Award.objects.get(framework=market.ours.framework, provider=market.alder)
        framework_placement(child_of(southwark), place, date(2025, 5, 5))  # the tenth from Alder, entered late
    more = told(date(2026, 4, 20))
    assert first < more
    assert len(more) == 15
    settings.REFERENCE_KEY = "another key"
    assert not told(date(2026, 4, 20)) & more


def test_call_offs_are_their_buyers_alone(client, key, lewisham):
    theirs = package(client, bearer(lewisham))
    ours = package(client, key)
    assert of_kind(theirs, "call_off") == []
    assert of_kind(theirs, "framework") == of_kind(ours, "framework")
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        assert {kind for kind, *_ in ocds_releases(today=date(2026, 4, 20))} == {"framework"}


def test_rows_pages_files_and_filters_agree(client, key, market):
    told = rows(client, f"{OCDS}?limit=1000", key)
    assert [row["release"] for row in told] == package(client, key)["releases"]
    assert [(row["date"], row["id"]) for row in told] == sorted({(row["date"], row["id"]) for row in told})
    for limit in (1, 4):
        assert [row for page in pages(client, f"{OCDS}?limit={limit}", key) for row in page["results"]] == told
    lines = whole(client.get(f"{OCDS}?format=ndjson", headers=key)).decode().splitlines()
    assert [json.loads(line) for line in lines] == told
    ours = str(market.ours.framework.uuid)
    only = [row for row in told if row["framework"] == ours]
    assert rows(client, f"{OCDS}?framework={ours}", key) == only
    assert package(client, key, f"&framework={ours}&process=framework")["releases"] == [
        row["release"] for row in only if row["process"] == "framework"
    ]
    for row in told:
        assert (row["ocid"], row["tag"]) == (row["release"]["ocid"], row["release"]["tag"])


def test_what_is_refused_says_what_to_do(client, key, southwark, market):
    nothing = f"{OCDS}?format=json&framework=00000000-0000-4000-8000-000000000000"
    assert "no release" in problem(client.get(nothing, headers=key), 400)["detail"]
    assert "whole" in problem(client.get(f"{OCDS}?format=json&limit=1", headers=key), 400)["detail"]
    assert "updated_since" in problem(client.get(f"{OCDS}?updated_since=1", headers=key), 400)["detail"]
    assert "process" in problem(client.get(f"{OCDS}?process=spot", headers=key), 400)["detail"]
    assert problem(client.get(OCDS, headers=bearer(southwark, "spend")), 403)
    assert client.get(OCDS, headers=bearer(southwark, "ocds")).status_code == 200
