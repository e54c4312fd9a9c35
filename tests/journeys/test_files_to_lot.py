"""The first main job: from the files people send to the lot page, its workbook, its csv and the API, to the penny."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import Lot, User
from tests.world import card, row, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LINES = ("CORE-0-4", "CORE-5-10", "CORE-11-15")
OFSTED = Path(__file__).parent / "files" / "provider_level_at_31_march_2026.csv"


class Cells(HTMLParser):
    """Every table of a page as rows of cell texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.rows[-1][-1] += data


@pytest.fixture
def loaded(world):
    """Ofsted's list by the command, rate cards of both frameworks by the road. Returns what was sent."""
    out = io.StringIO()
    call_command("import_file", "ofsted", str(OFSTED), "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["read"], report["accepted"], report["rejected"]) == (3, 3, 0)
    sent = {}
    for offset, framework, lead in ((0, world.shared, world.southwark), (1000, world.pair, world.lewisham)):
        rows = []
        for number, name in enumerate(world.providers):
            for place, line in enumerate(LINES):
                amount = Decimal(700 + offset + number * 37 + place * 11) + Decimal("0.43")
                sent[framework.reference, name, line] = amount
                rows.append(row(framework, name, f"£{amount}", "01/04/2026", line))
        assert send("rates", card(*rows), lead).rows_rejected == 0
    return sent


@pytest.fixture
def officers(world):
    people = {}
    for name in ("southwark", "greenwich", "lewisham"):
        authority = getattr(world, name)
        with acting_as(Viewer.of_authority(authority.pk), by="service:tests"):
            people[name] = User.objects.create_user(
                f"officer@{name}.example", "a long enough password", role="commissioning_officer", authority=authority
            )
    return people


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def lot_uuid(framework, lead):
    with acting_as(Viewer.of_authority(lead.pk), by="service:tests"):
        return Lot.objects.get(framework=framework).uuid


def key_for(authority):
    with acting_as(Viewer.of_authority(authority.pk), by="service:tests"):
        return make_key(authority=authority, name="journey", at=datetime.now(UTC), by=None)[1]


def api_rows(key, address):
    found, client = [], Client()
    while address:
        page = client.get(address, headers={"authorization": f"Bearer {key}"}).json()
        found += page["results"]
        address = page["next"]
    return found


def test_page_csv_workbook_and_api_agree_to_the_penny(world, loaded, officers, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    client = signed_in(officers["greenwich"])
    uuid = lot_uuid(world.shared, world.southwark)
    expected = {key[1:]: amount for key, amount in loaded.items() if key[0] == "IFA-TEST"}

    page = client.get(f"/lots/{uuid}/?line=every&on=2026-04-20")
    assert page.status_code == 200
    text = page.content.decode()
    for name in world.providers:
        cells = next(r for r in Cells(text).rows if r and r[0].strip() == name)
        money = [Decimal(m.replace(",", "")) for cell in cells for m in re.findall(r"£?([\d,]+\.\d\d)", cell)]
        assert money == [expected[name, line] for line in LINES]

    sheet = io.StringIO(client.get(f"/lots/{uuid}/?line=every&on=2026-04-20&format=csv").content.decode("utf-8-sig"))
    from_csv = {row["provider"]: [Decimal(row[line]) for line in LINES] for row in csv.DictReader(sheet)}
    assert from_csv == {name: [expected[name, line] for line in LINES] for name in world.providers}

    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/lots/{uuid}/workbook.xlsx?on=2026-04-20").content))
    found = {
        values[0]: [Decimal(str(v)) for v in values if isinstance(v, int | float) and v > 100]
        for values in book["Rates"].iter_rows(values_only=True)
    }
    for name in world.providers:
        assert found[name] == [expected[name, line] for line in LINES]
    assert any(sheet._charts for sheet in book.worksheets)

    rates = api_rows(key_for(world.greenwich), f"/api/v1/rates/?lot={uuid}&limit=4")
    assert sorted(Decimal(rate["amount"]) for rate in rates) == sorted(expected.values())


def test_the_judgement_stands_beside_the_rate(world, loaded, officers, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    uuid = lot_uuid(world.shared, world.southwark)
    rows = Cells(signed_in(officers["southwark"]).get(f"/lots/{uuid}/?on=2026-04-20").content.decode()).rows
    said = {r[0].strip(): " ".join(r) for r in reversed(rows) if r}  # the first table is the list of providers
    assert "Good March 2025" in said["Invented Provider 1 Ltd"]
    assert "Inadequate April 2025" in said["Invented Provider 2 Ltd"]
    assert "Not yet inspected" in said["Invented Provider 3 Ltd"]


def test_southwark_sees_none_of_the_pair_s_rates_on_any_route(world, loaded, officers, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    uuid = lot_uuid(world.pair, world.lewisham)
    secrets = [amount for key, amount in loaded.items() if key[0] == "SEMI-TEST"]
    client = signed_in(officers["southwark"])
    for address in (
        f"/lots/{uuid}/", f"/lots/{uuid}/?line=every", f"/lots/{uuid}/?sort=rate", f"/lots/{uuid}/?format=csv",
        "/lots/", "/", "/frameworks/", "/providers/", "/audit/", "/imports/",
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == 200, address
        body = page.content.decode("utf-8", "replace")
        assert not [s for s in secrets if f"{s:,.2f}" in body or f"{s:.2f}" in body], address
    for address in (f"/lots/{uuid}/workbook.xlsx", f"/lots/{uuid}/rate-card.xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(client.get(address).content))
        values = {str(c) for sheet in book.worksheets for r in sheet.iter_rows(values_only=True) for c in r}
        assert not values & {f"{s:.2f}" for s in secrets}
    key = key_for(world.southwark)
    assert api_rows(key, f"/api/v1/rates/?lot={uuid}") == []
    assert not [s for s in secrets if f"{s:.4f}" in json.dumps(api_rows(key, "/api/v1/rates/"))]
    # And the other side does see them: the test would fail on a page that shows nobody anything.
    there = signed_in(officers["greenwich"]).get(f"/lots/{uuid}/?line=every&on=2026-04-20").content.decode()
    assert all(f"{s:,.2f}" in there for s in secrets)
